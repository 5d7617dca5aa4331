"""类别 3：石头、剪刀、布。

规则
  * 填写标有 TODO 的空白处。可以增加 import、函数和层。
  * 标有“锁定”的两行之间的代码请保持原样。
  * 把一个 Keras 模型保存为本文件夹下的 mymodel.h5；每次保存都会单独评分，次数不限，取最
    高分。
  * 模型的输入是缩放到 0–1 的 (150, 150, 3) 图片，输出 3 个概率，顺序与 data/signs.txt
    相同。
  * 不能用 Lambda 层和自定义层：评分器只加载 Keras 自带的层。
  * 可以在任何地方训练，再把 mymodel.h5 复制到这里。
"""

from pathlib import Path

import tensorflow as tf

# ---- 锁定 -----------------------------------------------------------------------------
HERE = Path(__file__).resolve().parent
SIGNS = (HERE / "data" / "signs.txt").read_text(encoding="utf-8").split()
SIDE = 150


def load_data(batch_size=32):
    """图片 (batch, 150, 150, 3)（0 到 255）和标签 (batch,) 的 tf.data.Dataset。"""
    pictures = tf.keras.utils.image_dataset_from_directory(
        HERE / "data" / "train",
        class_names=SIGNS,
        image_size=(SIDE, SIDE),
        batch_size=batch_size,
        seed=1,
    )
    print("手势：", dict(enumerate(SIGNS)))
    images, labels = next(iter(pictures))
    print("一批图片：", images.shape, images.dtype.name)
    print("一批标签：", labels.shape, labels.dtype.name)
    return pictures


# 把它交给 model.fit(callbacks=[...])，考试界面就会画出训练曲线。
training_log = tf.keras.callbacks.CSVLogger(HERE / "training.csv")
# ---- 锁定 -----------------------------------------------------------------------------


def solution_model():
    pictures = load_data()

    # TODO 1：按要求缩放图片，并留出一部分做验证。
    raise NotImplementedError("TODO 1：缩放图片，并留出验证部分。")

    # TODO 2：构建模型，从 (150, 150, 3) 到 3 个 softmax 概率。
    model = None

    # TODO 3：选适合整数标签的损失来编译，然后训练。

    model.summary()
    return model


# ---- 锁定 -----------------------------------------------------------------------------
if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
    print("已保存", HERE / "mymodel.h5")
