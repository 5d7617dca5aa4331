"""类别 2：野蜂辨种。

规则
  * 填写标有 TODO 的空白处。可以增加 import、函数和层。
  * 标有“锁定”的两行之间的代码请保持原样。
  * 把一个 Keras 模型保存为本文件夹下的 mymodel.h5；每次保存都会单独评分，次数不限，取最
    高分。
  * 模型的输入是一只蜂未经缩放的八个测量值，形状为 (8,)；输出 6 个概率，按种名的字母顺
    序。
  * 不能用 Lambda 层和自定义层：评分器只加载 Keras 自带的层。
  * 可以在任何地方训练，再把 mymodel.h5 复制到这里。
"""

import csv
from pathlib import Path

import numpy as np
import tensorflow as tf

# ---- 锁定 -----------------------------------------------------------------------------
HERE = Path(__file__).resolve().parent
SPECIES = ["forest", "garden", "heath", "meadow", "moss", "stone"]


def load_data():
    """测量值 (3000, 8) float32，单位与文件相同；以及 3000 个 SPECIES 中的名称。"""
    with (HERE / "data" / "bees.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    return np.array([row[:-1] for row in rows], dtype="float32"), [row[-1] for row in rows]


# 把它交给 model.fit(callbacks=[...])，考试界面就会画出训练曲线。
training_log = tf.keras.callbacks.CSVLogger(HERE / "training.csv")
# ---- 锁定 -----------------------------------------------------------------------------


def solution_model():
    measures, names = load_data()
    print("测量值：", measures.shape, "平均值", measures.mean(axis=0).round(1))
    print("名称：", names[:5], "……")

    # TODO 1：把名称变成类别编号，即在 SPECIES 中的位置。
    raise NotImplementedError("TODO 1：把名称变成类别编号。")

    # TODO 2：构建模型，从 (8,) 到 6 个 softmax 概率。各列大小相差上千倍：在哪里缩放，评
    # 分器才不必操心？
    model = None

    # TODO 3：选适合整数标签的损失来编译，然后训练。

    model.summary()
    return model


# ---- 锁定 -----------------------------------------------------------------------------
if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
    print("已保存", HERE / "mymodel.h5")
