"""类别 4：BBC 新闻分类。

规则
  * 填写标有 TODO 的空白处。可以增加 import、函数和层。
  * 标有“锁定”的两行之间的代码请保持原样。
  * 把一个 Keras 模型保存为本文件夹下的 mymodel.h5；每次保存都会单独评分，次数不限，取最
    高分。
  * 模型的输入是 120 个单词编号（在末尾填充或截断，0 为填充，1 为 <OOV>），输出六个概
    率，与 classes.txt 的各行对应；第一个永远不是正确答案。
  * 不能用 Lambda 层和自定义层：评分器只加载 Keras 自带的层。
  * 可以在任何地方训练，再把 mymodel.h5 复制到这里。
"""

import json
from pathlib import Path

import numpy as np
import tensorflow as tf

# ---- 锁定 -----------------------------------------------------------------------------
HERE = Path(__file__).resolve().parent
LENGTH = 120
VOCABULARY = (HERE / "data" / "vocabulary.txt").read_bytes().decode().split("\n")[:-1]
CLASSES = (HERE / "data" / "classes.txt").read_bytes().decode().split("\n")[:-1]


def load_data():
    """编号 (n, 120) int32：在 VOCABULARY 中的位置；标签 (n,)：在 CLASSES 中的位置。"""
    with np.load(HERE / "data" / "train.npz") as train:
        return train["ids"], train["labels"]


def load_texts():
    """同样的文章原文，供阅读。"""
    with (HERE / "data" / "train.jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line)["text"] for line in lines]


# 把它交给 model.fit(callbacks=[...])，考试界面就会画出训练曲线。
training_log = tf.keras.callbacks.CSVLogger(HERE / "training.csv")
# ---- 锁定 -----------------------------------------------------------------------------


def solution_model():
    ids, labels = load_data()
    print("编号：", ids.shape, ids.dtype, "从", ids.min(), "到", ids.max())
    print("标签：", labels.shape, labels.dtype, "各类数目：", np.bincount(labels))
    print("类别：", CLASSES)
    print("单词数：", len(VOCABULARY), "例如", VOCABULARY[2:8])
    print("第一篇文章：", labels[0], load_texts()[0])

    # TODO 1：留出一部分文章做验证。
    raise NotImplementedError("TODO 1：留出验证部分。")

    # TODO 2：构建模型，从 (120,) 的编号到 6 个 softmax 概率。
    model = None

    # TODO 3：选适合用数字表示类别的损失来编译，然后训练。

    model.summary()
    return model


# ---- 锁定 -----------------------------------------------------------------------------
if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
    print("已保存", HERE / "mymodel.h5")
