"""The sandboxed child that grades one submission; only here do TensorFlow and Keras run."""
