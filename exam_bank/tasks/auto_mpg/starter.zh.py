"""类别 1：汽车油耗。

规则
- 填写标有 TODO 的空白处。标有“锁定”的代码请保持原样。
- solution_model() 返回训练好的模型；运行本文件会把它保存为旁边的 mymodel.h5。只有这个文件
  会被评分，保存几次就评几次，取最高分。
- 模型的输入形状为 (None, 9)：文件中的六列原值，加上产地的三列；输出形状为 (None, 1)。缩放
  由模型完成。
- 不能用 Lambda 层和自定义类：评分器不运行你的代码。

可以在别处训练，再把 mymodel.h5 复制到这里。题目要求见 brief.md。
"""

# --- 锁定：文件位置 -----------------------------------------------------------
import csv
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
training_log = tf.keras.callbacks.CSVLogger(HERE / "training.csv")
MEASURES = ["cylinders", "displacement", "horsepower", "weight", "acceleration", "model_year"]
ORIGINS = ["usa", "europe", "japan"]


def load_rows():
    """文件各行，每行是一个以列名为键的文本字典。"""
    with (HERE / "data" / "train.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# --- 由你完成 ---------------------------------------------------------------------------
def solution_model():
    """训练好的模型，给出汽车每加仑英里数比 24 高多少。"""
    rows = load_rows()
    print(len(rows), "辆汽车，第一辆：", rows[0])
    print("缺少马力的：", sum(not row["horsepower"] for row in rows))

    # TODO 1：把各行变成数组：cars (n, 9) float32，先是 MEASURES，再是每个 ORIGINS 的 0
    # 或 1；以及 surplus (n, 1) float32。
    cars, surplus = None, None
    if cars is None:
        raise NotImplementedError("TODO 1：生成数组 cars (n, 9) 和 surplus (n, 1)。")

    # TODO 2：构建模型，输入 (9,)（原始列），输出 (1,)。
    model = None
    if model is None:
        raise NotImplementedError("TODO 2：构建模型，输入 (9,)，输出 (1,)。")

    # TODO 3：编译模型，用 cars 和 surplus 训练，带 callbacks=[training_log]。然后删掉下一行。
    raise NotImplementedError("TODO 3：编译并训练模型。")

    return model


# --- 锁定：保存 ---------------------------------------------------------------------
if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
    print("已保存", HERE / "mymodel.h5")
