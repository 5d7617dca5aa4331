"""类别 2：MNIST 手写数字。

规则
- 填写标有 TODO 的空白处。标有“锁定”的代码请保持原样。
- solution_model() 返回训练好的模型；运行本文件会把它保存为旁边的 mymodel.h5。只有这个文件
  会被评分，保存几次就评几次，取最高分。
- 模型的输入是缩放到 0–1 的 (28, 28) 图片，输出 10 个概率。输入没有通道轴：如果某些层需
  要，请在模型内部添加。
- 不能用 Lambda 层和自定义类：评分器不运行你的代码。

可以在别处训练，再把 mymodel.h5 复制到这里。题目要求见 brief.md。
"""

# --- 锁定：文件位置 -----------------------------------------------------------
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
training_log = tf.keras.callbacks.CSVLogger(HERE / "training.csv")


def load_data():
    """图片 (n, 28, 28) uint8，0 到 255；标签 (n,)：数字。"""
    with np.load(HERE / "data" / "train.npz") as train:
        return train["images"], train["labels"]


# --- 由你完成 ---------------------------------------------------------------------------
def solution_model():
    """训练好的模型，认出数字。"""
    images, labels = load_data()
    print("图片：", images.shape, images.dtype, "从", images.min(), "到", images.max())
    print("标签：", labels.shape, labels.dtype, "类别", np.unique(labels))

    # TODO 1：按要求缩放图片，并留出一部分做验证。
    raise NotImplementedError("TODO 1：缩放图片，并留出验证部分。")

    # TODO 2：构建模型，从 (28, 28) 到 10 个 softmax 概率。
    model = None

    # TODO 3：选适合整数标签的损失来编译，用 callbacks=[training_log] 训练，考试界面就会画出训
    # 练曲线。

    model.summary()
    return model


# --- 锁定：保存 ---------------------------------------------------------------------
if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
    print("已保存", HERE / "mymodel.h5")
