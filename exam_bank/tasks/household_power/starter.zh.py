"""类别 5：家庭用电。

规则
- 填写标有 TODO 的空白处。标有“锁定”的代码请保持原样。
- solution_model() 返回训练好的模型；运行本文件会把它保存为旁边的 mymodel.h5。只有这个文件
  会被评分，保存几次就评几次，取最高分。
- 模型的输入形状为 (None, 24, 7)，按 load_rows() 的方式缩放；输出形状为 (None, 24, 7)，即
  随后的 24 分钟，缩放相同。
- 不能用 Lambda 层和自定义类：评分器不运行你的代码。

可以在别处训练，再把 mymodel.h5 复制到这里。题目要求见 brief.md。
"""

# --- 锁定：文件位置 -----------------------------------------------------------
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
training_log = tf.keras.callbacks.CSVLogger(HERE / "training.csv")
PAST = AHEAD = 24


def load_rows():
    """缩放后的各分钟 (n, 7)，每列 0 到 1，由早到晚。"""
    rows = np.loadtxt(HERE / "data" / "train.csv", delimiter=",", skiprows=1, usecols=range(1, 8))
    rows = rows - rows.min(axis=0)
    return (rows / np.where(rows.max(axis=0) > 0, rows.max(axis=0), 1)).astype("float32")


# --- 由你完成 ---------------------------------------------------------------------------
def solution_model():
    """训练好的模型，根据过去 24 分钟给出接下来 24 分钟。"""
    rows = load_rows()
    print("行", rows.shape, "各列平均", rows.mean(axis=0).round(3))

    # TODO 1：把 rows 切成窗口 (n, 24, 7)，以及各窗口之后的 24 行 (n, 24, 7)。
    inputs, targets = None, None
    if inputs is None:
        raise NotImplementedError("TODO 1：把 rows 切成输入和目标 (n, 24, 7)。")

    # TODO 2：构建模型，输入 (24, 7)，输出 (24, 7)。
    model = None
    if model is None:
        raise NotImplementedError("TODO 2：构建模型，输入 (24, 7)，输出 (24, 7)。")

    # TODO 3：编译模型，用 inputs 和 targets 训练，带 callbacks=[training_log]。然后删掉下一
    # 行。
    raise NotImplementedError("TODO 3：编译并训练模型。")

    return model


# --- 锁定：保存 ---------------------------------------------------------------------
if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
    print("已保存", HERE / "mymodel.h5")
