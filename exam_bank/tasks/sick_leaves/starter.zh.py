"""类别 3：病叶诊断。

规则
  * 填写标有 TODO 的空白处。可以增加 import、函数和层。
  * 标有“锁定”的两行之间的代码请保持原样。
  * 把一个 Keras 模型保存为本文件夹下的 mymodel.h5；每次保存都会单独评分，次数不限，取最
    高分。
  * 模型的输入是缩放到 0–1 的 (96, 96, 3) 图片，输出 4 个概率，按病况名称的字母顺序。
  * 不能用 Lambda 层和自定义层：评分器只加载 Keras 自带的层。
  * 可以在任何地方训练，再把 mymodel.h5 复制到这里。
"""

import csv
from pathlib import Path

import tensorflow as tf

# ---- 锁定 -----------------------------------------------------------------------------
HERE = Path(__file__).resolve().parent
CONDITIONS = ["blight_a", "blight_b", "blight_c", "healthy"]
SIDE = 96


def load_data():
    """1600 个 JPEG 文件的路径，以及同样多的病况，均出自 CONDITIONS。"""
    with (HERE / "data" / "leaves.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    files = [str(HERE / "data" / "leaves" / row["file"]) for row in rows]
    return files, [row["condition"] for row in rows]


# 把它交给 model.fit(callbacks=[...])，考试界面就会画出训练曲线。
training_log = tf.keras.callbacks.CSVLogger(HERE / "training.csv")
# ---- 锁定 -----------------------------------------------------------------------------


def solution_model():
    files, conditions = load_data()
    print(len(files), "张图片，第一张是", Path(files[0]).name, "图中是", conditions[0])

    # TODO 1：建一个 tf.data.Dataset，含按要求缩放的图片和类别编号（在 CONDITIONS 中的位
    # 置）；留出一部分做验证。
    raise NotImplementedError("TODO 1：建一个图片和类别编号的 tf.data.Dataset。")

    # TODO 2：构建模型，从 (96, 96, 3) 到 4 个 softmax 概率。
    model = None

    # TODO 3：选适合整数标签的损失来编译，然后训练。

    model.summary()
    return model


# ---- 锁定 -----------------------------------------------------------------------------
if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
    print("已保存", HERE / "mymodel.h5")
