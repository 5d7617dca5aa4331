"""类别 2：失传的文字。

规则
  * 填写标有 TODO 的空白处。可以增加 import、函数和层。
  * 标有“锁定”的两行之间的代码请保持原样。
  * 把一个 Keras 模型保存为本文件夹下的 mymodel.h5；每次保存都会单独评分，次数不限，取最
    高分。
  * 模型的输入是缩放到 0–1 的 (28, 28) 图片，输出 10 个概率。输入没有通道轴：如果某些层
    需要，请在模型内部添加。
  * 不能用 Lambda 层和自定义层：评分器只加载 Keras 自带的层。
  * 可以在任何地方训练，再把 mymodel.h5 复制到这里。
"""

from pathlib import Path

import numpy as np
import tensorflow as tf

# ---- 锁定 -----------------------------------------------------------------------------
HERE = Path(__file__).resolve().parent
SIGNS = 10


def load_data():
    """图片 (6000, 28, 28) uint8，0 到 255；标签 (6000,)：符号的编号。"""
    with np.load(HERE / "data" / "train.npz") as train:
        return train["images"], train["labels"]


# 把它交给 model.fit(callbacks=[...])，考试界面就会画出训练曲线。
training_log = tf.keras.callbacks.CSVLogger(HERE / "training.csv")
# ---- 锁定 -----------------------------------------------------------------------------


def solution_model():
    images, labels = load_data()
    print("图片：", images.shape, images.dtype, "从", images.min(), "到", images.max())
    print("标签：", labels.shape, labels.dtype, "符号", np.unique(labels))

    # TODO 1：按要求缩放图片，并留出一部分做验证。
    raise NotImplementedError("TODO 1：缩放图片，并留出验证部分。")

    # TODO 2：构建模型，从 (28, 28) 到 softmax 概率，SIGNS 中每个符号一个。
    model = None

    # TODO 3：选适合整数标签的损失来编译，然后训练。

    model.summary()
    return model


# ---- 锁定 -----------------------------------------------------------------------------
if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
    print("已保存", HERE / "mymodel.h5")
