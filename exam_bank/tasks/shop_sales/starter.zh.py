"""类别 5：门店两周销量。

规则
- 填写标有 TODO 的空白处。标有“锁定”的代码请保持原样。
- solution_model() 返回训练好的模型；运行本文件会把它保存为旁边的 mymodel.h5。只有这个文件
  会被评分，保存几次就评几次，取最高分。
- 模型的输入形状为 (None, 28, 5)，即一家分店各行的原值，不含 branch 和 date；输出形状为
  (None, 14)，单位为包。缩放由模型完成。
- 不能用 Lambda 层和自定义类：评分器不运行你的代码。

可以在别处训练，再把 mymodel.h5 复制到这里。题目要求见 brief.md。
"""

# --- 锁定：文件位置 -----------------------------------------------------------
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
training_log = tf.keras.callbacks.CSVLogger(HERE / "training.csv")
BRANCHES, PAST, AHEAD = 12, 28, 14


def load_branches():
    """每天一行 (12, 730, 5)：sales、weekday、promo_pct、promo_in_14_pct、open_in_14。"""
    path = HERE / "data" / "train.csv"
    rows = np.loadtxt(path, delimiter=",", skiprows=1, usecols=range(2, 7), dtype="float32")
    return rows.reshape(BRANCHES, -1, 5)


# --- 由你完成 ---------------------------------------------------------------------------
def solution_model():
    """训练好的模型，根据一家分店过去 28 行给出接下来 14 天的销量。"""
    branches = load_branches()
    print("分店", branches.shape, "平均销量", branches[:, :, 0].mean(axis=1).round())

    # TODO 1：把每家分店切成窗口 (n, 28, 5)，以及各窗口之后 14 天的销量 (n, 14)。
    inputs, targets = None, None
    if inputs is None:
        raise NotImplementedError("TODO 1：把各分店切成输入 (n, 28, 5) 和目标 (n, 14)。")

    # TODO 2：构建模型，输入 (28, 5)，输出 (14,)。
    model = None
    if model is None:
        raise NotImplementedError("TODO 2：构建模型，输入 (28, 5)，输出 (14,)。")

    # TODO 3：编译模型，用 inputs 和 targets 训练，带 callbacks=[training_log]。然后删掉下一
    # 行。
    raise NotImplementedError("TODO 3：编译并训练模型。")

    return model


# --- 锁定：保存 ---------------------------------------------------------------------
if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
    print("已保存", HERE / "mymodel.h5")
