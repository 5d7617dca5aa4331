"""类别 5：间歇泉流量。

规则
- 填写标有 TODO 的空白处。标有“锁定”的代码请保持原样。
- solution_model() 返回训练好的模型；运行本文件会把它保存为旁边的 mymodel.h5。只有这个文件
  会被评分，保存几次就评几次，取最高分。
- 模型的输入形状为 (None, 96, 1)，即文件中的流量原值；输出形状为 (None, 48)，单位为升每
  秒。缩放由模型完成。
- 不能用 Lambda 层和自定义类：评分器不运行你的代码。

可以在别处训练，再把 mymodel.h5 复制到这里。题目要求见 brief.md。
"""

# --- 锁定：文件位置 -----------------------------------------------------------
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
training_log = tf.keras.callbacks.CSVLogger(HERE / "training.csv")
PAST, AHEAD = 96, 48


def load_flow():
    """逐小时的流量 (17520,)，单位为升每秒。"""
    path = HERE / "data" / "train.csv"
    return np.loadtxt(path, delimiter=",", skiprows=1, usecols=1, dtype="float32")


# --- 由你完成 ---------------------------------------------------------------------------
def solution_model():
    """训练好的模型，根据过去 96 个流量给出接下来 48 个。"""
    flow = load_flow()
    print("流量", flow.shape, "平均", flow.mean().round(2), "中位数", np.median(flow).round(2))

    # TODO 1：把 flow 切成窗口 (n, 96, 1)，以及各窗口之后的 48 个流量 (n, 48)。
    inputs, targets = None, None
    if inputs is None:
        raise NotImplementedError("TODO 1：把 flow 切成输入 (n, 96, 1) 和目标 (n, 48)。")

    # TODO 2：构建模型，输入 (96, 1)，输出 (48,)。
    model = None
    if model is None:
        raise NotImplementedError("TODO 2：构建模型，输入 (96, 1)，输出 (48,)。")

    # TODO 3：编译模型，用 inputs 和 targets 训练，带 callbacks=[training_log]。然后删掉下一
    # 行。
    raise NotImplementedError("TODO 3：编译并训练模型。")

    return model


# --- 锁定：保存 ---------------------------------------------------------------------
if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
    print("已保存", HERE / "mymodel.h5")
