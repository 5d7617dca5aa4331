"""类别 4：垃圾短信。

规则
  * 填写标有 TODO 的空白处。可以增加 import、函数和层。
  * 标有“锁定”的两行之间的代码请保持原样。
  * 把一个 Keras 模型保存为本文件夹下的 mymodel.h5；每次保存都会单独评分，次数不限，取最
    高分。
  * 模型的输入是 120 个单词编号（在末尾填充或截断，0 为填充，1 为 <OOV>），输出一个 0 到
    1 之间的概率。
  * 不能用 Lambda 层和自定义层：评分器只加载 Keras 自带的层。
  * 可以在任何地方训练，再把 mymodel.h5 复制到这里。
"""

import csv
from pathlib import Path

import tensorflow as tf

# ---- 锁定 -----------------------------------------------------------------------------
HERE = Path(__file__).resolve().parent
LENGTH = 120
VOCABULARY = (HERE / "data" / "vocabulary.txt").read_bytes().decode().split("\n")[:-1]


def load_data():
    """短信的文本，以及同样多的标签，各为 "ham" 或 "spam"。"""
    with (HERE / "data" / "train.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [row["text"] for row in rows], [row["label"] for row in rows]


# 把它交给 model.fit(callbacks=[...])，考试界面就会画出训练曲线。
training_log = tf.keras.callbacks.CSVLogger(HERE / "training.csv")
# ---- 锁定 -----------------------------------------------------------------------------


def solution_model():
    texts, labels = load_data()
    print("文本数：", len(texts), "其中垃圾短信：", labels.count("spam"))
    print("单词数：", len(VOCABULARY), "例如", VOCABULARY[2:8])
    print("第一条：", labels[0], "-", texts[0])

    # TODO 1：按题目的方法把文本变成编号 (n, LENGTH)，把标签变成数字，垃圾短信为 1；留出
    # 一部分短信做验证。
    raise NotImplementedError("TODO 1：把文本和标签变成数字。")

    # TODO 2：构建模型，从 (120,) 的编号到 1 个 sigmoid 概率。
    model = None

    # TODO 3：选适合两个类别的损失来编译，然后训练。

    model.summary()
    return model


# ---- 锁定 -----------------------------------------------------------------------------
if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
    print("已保存", HERE / "mymodel.h5")
