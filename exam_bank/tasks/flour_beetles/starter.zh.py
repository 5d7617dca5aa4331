"""类别 5：面粉甲虫数量。

规则
- 填写标有 TODO 的空白处。标有“锁定”的代码请保持原样。
- solution_model() 返回训练好的模型；运行本文件会把它保存为旁边的 mymodel.h5。只有这个文件
  会被评分，保存几次就评几次，取最高分。
- 模型的输入形状为 (None, 24, 1)，即文件中的计数原值；输出形状为 (None, 1)，单位为只。缩放
  由模型完成。
- 不能用 Lambda 层和自定义类：评分器不运行你的代码。

可以在别处训练，再把 mymodel.h5 复制到这里。题目要求见 brief.md。
"""

# --- 锁定：文件位置 -----------------------------------------------------------
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
training_log = tf.keras.callbacks.CSVLogger(HERE / "training.csv")
PAST = 24


def load_jars():
    """计数 (200, 81)：200 个罐子，每个清点 81 次。"""
    path = HERE / "data" / "train.csv"
    counts = np.loadtxt(path, delimiter=",", skiprows=1, usecols=2, dtype="float32")
    return counts.reshape(200, 81)


# --- 由你完成 ---------------------------------------------------------------------------
def solution_model():
    """训练好的模型，根据过去 24 次计数给出下一次。"""
    counts = load_jars()
    print("计数", counts.shape, "平均", counts.mean().round(1), "最大", counts.max())

    # TODO 1：把每个罐子切成窗口 (n, 24, 1)，以及各窗口之后的计数 (n, 1)。
    inputs, targets = None, None
    if inputs is None:
        raise NotImplementedError("TODO 1：把各罐子切成输入 (n, 24, 1) 和目标 (n, 1)。")

    # TODO 2：构建模型，输入 (24, 1)，输出 (1,)。
    model = None
    if model is None:
        raise NotImplementedError("TODO 2：构建模型，输入 (24, 1)，输出 (1,)。")

    # TODO 3：编译模型，用 inputs 和 targets 训练，带 callbacks=[training_log]。然后删掉下一
    # 行。
    raise NotImplementedError("TODO 3：编译并训练模型。")

    return model


# --- 锁定：保存 ---------------------------------------------------------------------
if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
    print("已保存", HERE / "mymodel.h5")
