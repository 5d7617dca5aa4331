"""类别 4：工单分派。

规则
  * 填写标有 TODO 的空白处。可以增加 import、函数和层。
  * 标有“锁定”的两行之间的代码请保持原样。
  * 把一个 Keras 模型保存为本文件夹下的 mymodel.h5；每次保存都会单独评分，次数不限，取最
    高分。
  * 模型的输入是 120 个单词编号（在末尾填充或截断，0 为填充，1 为 <OOV>），输出六个概
    率，每个部门一个。
  * 不能用 Lambda 层和自定义层：评分器只加载 Keras 自带的层。
  * 可以在任何地方训练，再把 mymodel.h5 复制到这里。
"""

import json
from pathlib import Path

import tensorflow as tf

# ---- 锁定 -----------------------------------------------------------------------------
HERE = Path(__file__).resolve().parent
LENGTH = 120
VOCABULARY = (HERE / "data" / "vocabulary.txt").read_text(encoding="utf-8").split("\n")[:-1]
DEPARTMENTS = (HERE / "data" / "classes.txt").read_text(encoding="utf-8").split("\n")[:-1]


def load_data():
    """8,000 封来信的文本，以及同样多的标签：在 DEPARTMENTS 中的位置。"""
    rows = json.loads((HERE / "data" / "train.json").read_text(encoding="utf-8"))
    return [row["text"] for row in rows], [row["label"] for row in rows]


# 把它交给 model.fit(callbacks=[...])，考试界面就会画出训练曲线。
training_log = tf.keras.callbacks.CSVLogger(HERE / "training.csv")
# ---- 锁定 -----------------------------------------------------------------------------


def solution_model():
    texts, labels = load_data()
    print("文本数：", len(texts), "各类数目：", [labels.count(each) for each in range(6)])
    print("类别：", DEPARTMENTS)
    print("单词数：", len(VOCABULARY), "例如", VOCABULARY[2:8])
    print("第一条：", DEPARTMENTS[labels[0]], "-", texts[0])

    # TODO 1：按题目的方法把文本变成编号 (n, LENGTH)；留出一部分来信做验证。
    raise NotImplementedError("TODO 1：把文本变成编号。")

    # TODO 2：构建模型，从 (120,) 的编号到 6 个 softmax 概率。
    model = None

    # TODO 3：选适合用数字表示类别的损失来编译，然后训练。

    model.summary()
    return model


# ---- 锁定 -----------------------------------------------------------------------------
if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
    print("已保存", HERE / "mymodel.h5")
