"""类别 1：风力发电量。

规则
- 填写标有 TODO 的空白处。标有“锁定”的代码请保持原样。
- solution_model() 返回训练好的模型；运行本文件会把它保存为旁边的 mymodel.h5。只有这个文件
  会被评分，保存几次就评几次，取最高分。
- 模型的输入形状为 (None, 7)，即文件中各列的原值；输出形状为 (None, 1)。如需缩放，由模型完
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


def load_readings(name="train.csv"):
    """读数 (n, 7)，单位与文件相同；功率 (n, 1)，单位为千瓦。"""
    table = np.loadtxt(HERE / "data" / name, delimiter=",", skiprows=1, dtype="float32")
    return table[:, :7], table[:, 7:]


# --- 由你完成 ---------------------------------------------------------------------------
def solution_model():
    """训练好的模型，给出风机本可发出的功率，单位为千瓦。"""
    readings, power = load_readings()
    print("读数", readings.shape, "各列平均", readings.mean(axis=0).round(1))
    print("功率", power.shape, "平均", power.mean().round(1), "中位数", np.median(power).round(1))

    # TODO 1：把 "valid.csv" 也读进来，看看在没有限功率的地方模型怎么样。

    # TODO 2：构建模型，输入 (7,)（原始列），输出 (1,)。
    model = None
    if model is None:
        raise NotImplementedError("TODO 2：构建模型，输入 (7,)，输出 (1,)。")

    # TODO 3：选适合含限功率读数的损失来编译，用 readings 和 power 训练，带
    # callbacks=[training_log]。然后删掉下一行。
    raise NotImplementedError("TODO 3：编译并训练模型。")

    return model


# --- 锁定：保存 ---------------------------------------------------------------------
if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
    print("已保存", HERE / "mymodel.h5")
