"""类别 2：鸢尾花分类。

规则
- 填写标有 TODO 的空白处。标有“锁定”的代码请保持原样。
- solution_model() 返回训练好的模型；运行本文件会把它保存为旁边的 mymodel.h5。只有这个文件
  会被评分，保存几次就评几次，取最高分。
- 模型的输入形状为 (None, 4)，即文件中的长度原值；输出形状为 (None, 2)。如需缩放，由模型完
  成。
- 不能用 Lambda 层和自定义类：评分器不运行你的代码。

可以在别处训练，再把 mymodel.h5 复制到这里。题目要求见 brief.md。
"""

# --- 锁定：文件位置 -----------------------------------------------------------
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
training_log = tf.keras.callbacks.CSVLogger(HERE / "training.csv")


def load_flowers():
    """花 (n, 4)，单位为厘米；变色鸢尾为 1，其他为 0：(n,)。"""
    table = np.loadtxt(HERE / "data" / "train.csv", delimiter=",", skiprows=1, dtype="float32")
    return table[:, :4], table[:, 4].astype("int64")


# --- 由你完成 ---------------------------------------------------------------------------
def solution_model():
    """训练好的模型，认出变色鸢尾。"""
    flowers, labels = load_flowers()
    print("花", flowers.shape, "各列平均", flowers.mean(axis=0).round(2))
    print("变色鸢尾", labels.sum(), "/", len(labels))

    # TODO 1：留出一部分花，看看模型到底怎么样。

    # TODO 2：构建模型，从 (4,) 原始长度到 2 个 softmax 概率。
    model = None
    if model is None:
        raise NotImplementedError("TODO 2：构建模型，从 (4,) 到 2 个概率。")

    # TODO 3：编译并训练模型，带 callbacks=[training_log]。然后删掉下一行。
    raise NotImplementedError("TODO 3：编译并训练模型。")

    return model


# --- 锁定：保存 ---------------------------------------------------------------------
if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
    print("已保存", HERE / "mymodel.h5")
