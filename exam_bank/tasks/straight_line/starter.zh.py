"""类别 1：走时不准的钟。

规则
- 填写标有 TODO 的空白处。标有“锁定”的代码请保持原样。
- solution_model() 返回训练好的模型；运行本文件会把它保存为旁边的 mymodel.h5。只有这个文件
  会被评分，保存几次就评几次，取最高分。
- 模型的输入形状为 (None, 1)，输出形状为 (None, 1)。
- 不能用 Lambda 层和自定义类：评分器不运行你的代码。

可以在别处训练，再把 mymodel.h5 复制到这里。题目要求见 brief.md。
"""

# --- 锁定：文件位置 -----------------------------------------------------------
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
training_log = tf.keras.callbacks.CSVLogger(HERE / "training.csv")


def load_readings():
    """天数 (12, 1)，以及钟差的秒数 (12, 1)。"""
    table = np.loadtxt(HERE / "data" / "train.csv", delimiter=",", skiprows=1, dtype="float32")
    return table[:, :1], table[:, 1:]


# --- 由你完成 ---------------------------------------------------------------------------
def solution_model():
    """训练好的模型，给出任意一天钟差了多少。"""
    days, offsets = load_readings()
    print("天数", days.shape, "从", days.min(), "到", days.max())
    print("偏差", offsets.shape, "从", offsets.min(), "到", offsets.max())

    # TODO 1：构建模型，输入 (1,)，输出 (1,)。
    model = None
    if model is None:
        raise NotImplementedError("TODO 1：构建模型，输入 (1,)，输出 (1,)。")

    # TODO 2：编译模型，用 days 和 offsets 训练，带 callbacks=[training_log]。然后删掉下一行。
    raise NotImplementedError("TODO 2：编译并训练模型。")

    return model


# --- 锁定：保存 ---------------------------------------------------------------------
if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
    print("已保存", HERE / "mymodel.h5")
