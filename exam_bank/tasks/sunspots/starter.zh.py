"""类别 5：太阳黑子。

规则
- 填写标有 TODO 的空白处。标有“锁定”的代码请保持原样。
- solution_model() 返回训练好的模型；运行本文件会把它保存为旁边的 mymodel.h5。只有这个文件
  会被评分，保存几次就评几次，取最高分。
- 模型的输入是形状为 (None, 60, 1) 的窗口，即文件中的数目原值；输出形状为 (None, 5)，即未
  来五年每年的太阳活动比平静期高出多少。
- 不能用 Lambda 层和自定义类：评分器不运行你的代码。

可以在别处训练，再把 mymodel.h5 复制到这里。题目要求见 brief.md。
"""

# --- 锁定：文件位置 -----------------------------------------------------------
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
training_log = tf.keras.callbacks.CSVLogger(HERE / "training.csv")
PAST, YEARS, MONTHS = 60, 5, 12


def load_months():
    """每月高出平静期的部分 (n,) 和数目 (n,)，由早到晚。"""
    path = HERE / "data" / "train.csv"
    rows = np.loadtxt(path, delimiter=",", skiprows=1, usecols=(1, 2), dtype="float32")
    return rows[:, 0], rows[:, 1]


# --- 由你完成 ---------------------------------------------------------------------------
def solution_model():
    """训练好的模型，根据过去 60 个月给出接下来五年。"""
    above, sunspots = load_months()
    print("月份", sunspots.shape, "平均", sunspots.mean().round(3), above.mean().round(3))

    # TODO 1：把 sunspots 切成窗口 (n, 60, 1)，把 above 变成各窗口之后五年的年平均 (n,
    # 5)。
    inputs, targets = None, None
    if inputs is None:
        raise NotImplementedError("TODO 1：生成输入 (n, 60, 1) 和目标 (n, 5)。")

    # TODO 2：构建模型，输入 (60, 1)，输出 (5,)。
    model = None
    if model is None:
        raise NotImplementedError("TODO 2：构建模型，输入 (60, 1)，输出 (5,)。")

    # TODO 3：编译模型，用 inputs 和 targets 训练，带 callbacks=[training_log]。然后删掉下一
    # 行。
    raise NotImplementedError("TODO 3：编译并训练模型。")

    return model


# --- 锁定：保存 ---------------------------------------------------------------------
if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
    print("已保存", HERE / "mymodel.h5")
