"""The sandboxed child that grades one submission; TensorFlow and Keras run only here."""
