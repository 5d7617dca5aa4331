"""类别 1：快递用时。

规则
- 填写标有 TODO 的空白处。标有“锁定”的代码请保持原样。
- solution_model() 返回训练好的模型；运行本文件会把它保存为旁边的 mymodel.h5。只有这个文件
  会被评分，保存几次就评几次，取最高分。
- 模型的输入形状为 (None, 7)，即文件中各列的原值，代码列为数字；输出形状为 (None, 1)。编码
  和缩放由模型完成。
- 不能用 Lambda 层和自定义类：评分器不运行你的代码。

可以在别处训练，再把 mymodel.h5 复制到这里。题目要求见 brief.md。
"""

# --- 锁定：文件位置 -----------------------------------------------------------
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
training_log = tf.keras.callbacks.CSVLogger(HERE / "training.csv")


def load_trips():
    """行程 (8000, 7)，代码列为数字；以及用时的分钟数 (8000, 1)。"""
    table = np.loadtxt(HERE / "data" / "train.csv", delimiter=",", skiprows=1, dtype="float32")
    return table[:, :7], table[:, 7:]


# --- 由你完成 ---------------------------------------------------------------------------
def solution_model():
    """训练好的模型，给出一趟要多少分钟。"""
    trips, minutes = load_trips()
    print("行程", trips.shape, "各列平均", trips.mean(axis=0).round(1))
    print("分钟数", minutes.shape, "平均", minutes.mean().round(1))

    # TODO 1：留出一部分行程，看看模型在没见过的行程上表现如何。

    # TODO 2：构建模型，输入 (7,)（原始列），输出 (1,)。哪些列是数量，哪些列是代码？
    model = None
    if model is None:
        raise NotImplementedError("TODO 2：构建模型，输入 (7,)，输出 (1,)。")

    # TODO 3：编译模型，用 trips 和 minutes 训练，带 callbacks=[training_log]。然后删掉下一
    # 行。
    raise NotImplementedError("TODO 3：编译并训练模型。")

    return model


# --- 锁定：保存 ---------------------------------------------------------------------
if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
    print("已保存", HERE / "mymodel.h5")
