"""Sentences of earlier versions that journals hold: kept here so that they are still translated.

A journal keeps the template of each verdict (`engine.grading.protocol.Message`). When such a
sentence is reworded, its old form moves here, and its translation stays in the catalogs.
"""

from tui.locale import N_

EARLIER = (
    N_(
        "Grading took longer than the {seconds} s of this task: a model of {parameters} "
        "parameters is too large or too slow; use a smaller one."
    ),
    N_("Grading took longer than the {seconds} s of this task: use a smaller model."),
    N_(
        "How large {layer} is cannot be worked out from the file: give its sizes as plain "
        "numbers, or use another Keras layer."
    ),
    N_(
        "Keras cannot load this model ({error}): save it again as a whole model, built of "
        "Keras' own layers."
    ),
    N_("The file has {extra} bytes after the end of its HDF5 data: save it again with {save}."),
    N_("The file looks cut off: it has only {size} bytes. Save or copy it again."),
    N_("Mean absolute error {value} times that of the baseline, on {n} hidden examples."),
    N_(
        "One example becomes {count} numbers in {layer}, more than the {limit} this exam "
        "grades: use smaller layers."
    ),
    N_(
        "One example costs more than {limit} thousand million multiplications, at the latest "
        "in {layer}: use smaller or fewer layers."
    ),
    N_(
        "TensorFlow cannot be imported ({error}). Install it into the Python that runs tfexam: "
        "pip install tensorflow tf-keras."
    ),
    N_(
        "TensorFlow cannot be loaded ({error}). Install it anew, or give it more memory where "
        "a limit is set (ulimit -v)."
    ),
    N_(
        "The file begins with zeros only, as when a disk was full or a copy is not finished: "
        "save or copy it again."
    ),
    N_(
        "The file declares more numbers than it holds ({declared} bytes in {size}): save the "
        "model again."
    ),
    N_(
        "The file does not say what {layer} works on: Keras 2 leaves out all that follows the "
        "equation of tf.einsum. Use tf.matmul, Dot or EinsumDense."
    ),
    N_(
        "The file has {size} MB, more than the {limit} MB this task takes: use a smaller "
        "model, or save it with include_optimizer=False."
    ),
    N_(
        "The file is larger or deeper inside than any model of this exam (at {name}, more "
        "than {limit})."
    ),
    N_("The file names an unknown backend: save with model.save('mymodel.h5')."),
    N_("The files of this grading cannot be laid out: {error}."),
    N_(
        "The grading child cannot shut itself in: {error}. `tfexam doctor` says what this "
        "system offers."
    ),
    N_("The grading process did not become ready: is the machine overloaded?"),
    N_("The grading process gave an answer that is none: {why}"),
    N_(
        "The grading process left without an answer ({how}), as it does when a limit (ulimit "
        "-v) leaves it too little memory."
    ),
    N_("The grading process was ended from outside ({how})."),
    N_("The grading process was stopped from outside and did not go on."),
    N_("The hidden set has the baseline {baseline}; it must be above 0."),
    N_(
        "The list of weights of {name} does not fit what the file holds: save the model with "
        "{save}."
    ),
    N_(
        "The machine may have had too little memory for this grading: close what else needs memory."
    ),
    N_(
        "The machine ran out of memory and ended the grading process, which was within its "
        "limit: close what else needs memory."
    ),
    N_("The machine was too busy for this grading: close other programs."),
    N_("The machine was too busy for this grading: end what else runs on it."),
    N_(
        "The model calls {name}, which is not an arithmetic operation the grader knows: use a "
        "Keras layer instead."
    ),
    N_(
        "The model draws random numbers when it answers, so its answers could be others; here "
        "they are the same each time. Call Dropout, noise and random picture layers without "
        "training=True."
    ),
    N_("The model gives several outputs; the task asks for one: save the part that gives it."),
    N_("The model gives {count} answers; the tasks of this exam ask for one."),
    N_(
        "The model has a recurrent layer with stateful=True, whose answers depend on the "
        "order of the examples: build it with stateful=False."
    ),
    N_("The model has {count} inputs; the tasks of this exam give one."),
    N_(
        "The model needs more than the {memory} MB this task gives to grading: use fewer "
        "parameters or smaller layers."
    ),
    N_(
        "The model takes too long to build, at the latest from {layer} on: use fewer layers, "
        "recurrent ones without unroll=True, and each of them once."
    ),
    N_(
        "The model took the grading process down while {stage} ({how}): build it from Keras' "
        "own layers and save it again."
    ),
    N_(
        "The model uses its layers more than {limit} times, models in models counted each "
        "time: use fewer of them."
    ),
    N_(
        "The model's answer to an example depends on the other examples in its batch: "
        "{changed} of {looked} answers changed beside others. Look for an operation along "
        "axis 0, which is the batch (a mean, softmax, roll, sort or reshape), and for "
        "BatchNormalization called with training=True."
    ),
    N_(
        "The model's configuration gives {value} where a number belongs: save a model whose "
        "settings are plain numbers."
    ),
    N_("The model's configuration is not one that Keras writes: save the model again."),
    N_("The model's graph does not lead from its inputs to {layer}: save the model again."),
    N_(
        "The model's layers need at least {needed} numbers and the file holds {stored}: save "
        "the whole model again."
    ),
    N_(
        "The model's predictions have shape {found} where the task asks for {wanted}: look at "
        "its last layers."
    ),
    N_(
        "The recurrent layers take more than {limit} steps one after the other, at the latest "
        "in {layer}: shorten the sequence before them, with strides or pooling."
    ),
    N_(
        "The shape of the model's answer depends on the other examples in its batch: once "
        "{one}, once {other}. Look for an operation along axis 0, which is the batch, and for "
        "a size that follows from the values."
    ),
    N_("This HDF5 file is of a form that Keras does not write: save with {save}."),
    N_(
        "This is a .keras file (a zip), whatever its name says, and this exam takes HDF5: save "
        "with {save}."
    ),
    N_(
        "This is a .keras file (a zip), whatever its name says; this exam takes HDF5: save "
        "with {save}."
    ),
    N_("This is a Python pickle; pickles are never opened here: save with {save}."),
    N_("This is a gzip archive: unpack it and hand in the mymodel.h5 inside, or save with {save}."),
    N_(
        "This is a web page, probably a download that failed or asked to log in: download the "
        "model file itself."
    ),
    N_("This is a zip archive: unpack it and hand in the mymodel.h5 inside, or save with {save}."),
    N_(
        "This machine has only {free} MB of memory free, and a grading needs {needed} MB "
        "beside the {reserve} MB that are left to everything else: close other programs."
    ),
    N_(
        "This machine has only {given} MB of memory for grading, less than the {memory} MB of "
        "this task, and the model needed more: close other programs and grade it again."
    ),
    N_(
        "Your model answers with {own} numbers; this task asks for {width} classes: end with "
        "Dense({width}, activation='softmax')."
    ),
    N_(
        "Your model answers with {own} numbers; this task asks for {width}: end with "
        "Dense({width})."
    ),
    N_(
        "Your model answers with {own} numbers; this task asks for {width}: end with "
        "Dense({width}, activation='sigmoid')."
    ),
    N_("Your model answers with {own}; this task asks for {wanted}: end with Dense({width})."),
    N_("Your model answers with {own}; this task asks for {wanted}: end with Reshape({wanted})."),
    N_(
        "Your model answers with {own}; this task asks for {wanted}: end with a Dense layer "
        "of the right size, after Flatten or a pooling layer, and Reshape({wanted}) if "
        "needed."
    ),
    N_(
        "Your model answers {own}, once for each step of its input; this task asks for "
        "{wanted}: take return_sequences=True from the last recurrent layer, or add Flatten "
        "or a global pooling layer before the last Dense."
    ),
    N_(
        "Your model answers {own}, once for its whole input; this task asks for {wanted}, "
        "once for each step: give the last recurrent layer return_sequences=True, and leave "
        "out Flatten and global pooling."
    ),
    N_(
        "Your model ends in a softmax over one number, which is always 1: end with Dense(1, "
        "activation='sigmoid')."
    ),
    N_(
        "Your model ends in logits, not in softmax; the largest number counts as its answer, "
        "so the score is the same."
    ),
    N_(
        "Your model ends in {ending}, which cannot give numbers beyond 1; this task asks for "
        "values: end with a Dense layer without activation."
    ),
    N_("Your model gives {count} answers; this task asks for one: build it with a single output."),
    N_("Your model has {count} inputs; this task gives one: build it with a single Input."),
    N_(
        "Your model takes exactly {count} examples at a time: give Input a shape without the "
        "batch size (no batch_size, batch_shape or batch_input_shape with a number)."
    ),
    N_("Your model takes {own}; this task gives {wanted}: build it with Input({wanted})."),
    N_(
        "Your model takes {own}; this task gives {wanted}: drop the last axis or start with "
        "Input({wanted}) and Reshape({own})."
    ),
    N_(
        "Your model takes {own}; this task gives {wanted}: start with Input({wanted}) and "
        "Reshape({own})."
    ),
    N_(
        "{layer} has {width} {key} and the whole file holds {stored} numbers: save the whole "
        "model again."
    ),
    N_(
        "{layer} is of the class {name}, which Keras does not have itself: custom classes "
        "cannot be graded, use Keras' own layers."
    ),
    N_(
        "{layer} reads the file {path}; a model must hold all it needs: give the values themselves."
    ),
    N_("{name} declares {declared} bytes of numbers and holds {stored}: save the model again."),
    N_("{name} is of a kind that no Keras model holds: save the model with {save}."),
    N_(
        "{name} is stored in HDF5's newer layout, as when a layer's name has other letters "
        "than English ones: name the layers in English and save the model with {save}."
    ),
    N_(
        "{name} layers are not supported, because they hold code of another kind ({layer}): "
        "build the model from Keras' own layers."
    ),
    N_(
        "{name} layers are not supported, because this exam's models take numbers ({layer}): "
        "turn text into integers before the model and begin with Embedding."
    ),
    N_("{name} takes its numbers from other files: save the model with {save}."),
)
