"""The common mistakes that tfexam looks for: what each is, how it is tested, how it is mended."""

from typing import Literal

import msgspec

from engine.grading.diagnosis import Diagnosis
from engine.grading.protocol import Message

# conclusive: explains the score by itself. mended: undoing it raises the score by a point or
# more. sign: can be seen, though nothing undoes it. training: read from training.csv.
Kind = Literal["conclusive", "mended", "sign", "training"]


class Mistake(msgspec.Struct, frozen=True, kw_only=True):
    """One row: `says` and `fix` are for the candidate, `test` is for whoever reads the code."""

    id: str
    kind: Kind
    says: Message
    fix: Message
    test: str


def _row(id: str, kind: Kind, says: Message, fix: Message, test: str) -> Mistake:  # noqa: A002
    return Mistake(id=id, kind=kind, says=says, fix=fix, test=test)


_CONCLUSIVE = (
    _row(
        "never_trained",
        "conclusive",
        Message("The weights are as Keras initialised them: this model was never trained."),
        Message("Call model.fit before model.save, on the same model, and look at its loss."),
        "all biases are 0 and all kernels spread as their initialiser spreads them",
    ),
    _row(
        "softmax_of_one",
        "conclusive",
        Message("The last layer is a softmax over a single number, which is always 1."),
        Message("Use activation='sigmoid' with one output, or one output for each class."),
        "the last activation is a softmax, it has one unit, and all outputs are 1",
    ),
)

_INPUTS = (
    _row(
        "inputs_times_255",
        "mended",
        Message("With inputs times 255 this model would score {would}/5: it was trained on 0–255."),
        Message("Divide the training data by 255, as the task does, and train again."),
        "inputs × 255",
    ),
    _row(
        "inputs_divided_by_255",
        "mended",
        Message(
            "With inputs divided by 255 this model would score {would}/5: it was trained on values "
            "255 times smaller than the task's."
        ),
        Message(
            "Put the division into the model, as a Rescaling(1/255) layer, or leave it out where "
            "the task's values are small already."
        ),
        "inputs ÷ 255",
    ),
    _row(
        "inputs_minus_1_to_1",
        "mended",
        Message(
            "With inputs from −1 to 1 this model would score {would}/5: it was trained on that "
            "scale."
        ),
        Message("Begin the model with Rescaling(2.0, offset=-1.0), or train on the task's scale."),
        "inputs stretched from −1 to 1",
    ),
    _row(
        "inputs_standardised",
        "mended",
        Message(
            "With standardised inputs this model would score {would}/5: it was trained on columns "
            "of mean 0 and deviation 1, and the task gives raw values."
        ),
        Message(
            "Put the scaling into the model: a Normalization layer, adapted to the training data, "
            "as its first layer."
        ),
        "each column less its mean, divided by its deviation",
    ),
    _row(
        "inputs_not_standardised",
        "mended",
        Message(
            "With raw values instead of standardised ones this model would score {would}/5: it "
            "standardises inputs that are standardised already."
        ),
        Message("Leave the Normalization layer out, or adapt it to the task's own values."),
        "inputs times the deviation of the model's Normalization, plus its mean",
    ),
    _row(
        "inputs_inverted",
        "mended",
        Message(
            "With light and dark exchanged this model would score {would}/5: it was trained on "
            "negatives."
        ),
        Message("Train on the pictures as they are, without 1 - x."),
        "1 − inputs",
    ),
    _row(
        "channels_reversed",
        "mended",
        Message(
            "With red and blue exchanged this model would score {would}/5: it was trained on BGR."
        ),
        Message("OpenCV reads BGR: convert with cv2.cvtColor(x, cv2.COLOR_BGR2RGB)."),
        "channels in reverse order",
    ),
    _row(
        "channels_first",
        "mended",
        Message(
            "With the channels first this model would score {would}/5: its pictures were reshaped "
            "from (channel, row, column)."
        ),
        Message("Move the axis with np.transpose(x, (0, 2, 3, 1)); reshape mixes the pixels."),
        "pictures as (channel, row, column), reshaped to the contract's shape",
    ),
    _row(
        "pictures_transposed",
        "mended",
        Message(
            "With rows and columns exchanged this model would score {would}/5: it was trained on "
            "transposed pictures."
        ),
        Message("Check the order of axes where the training pictures are read."),
        "rows and columns exchanged",
    ),
    _row(
        "pictures_mirrored",
        "mended",
        Message(
            "With mirrored pictures this model would score {would}/5: it was trained on mirrored "
            "ones."
        ),
        Message("Do not flip all training pictures; augmentation flips some of them."),
        "columns in reverse order",
    ),
    _row(
        "pictures_upside_down",
        "mended",
        Message(
            "With pictures upside down this model would score {would}/5: it was trained on such "
            "pictures."
        ),
        Message("Check the order of rows where the training pictures are read."),
        "rows in reverse order",
    ),
    _row(
        "sequence_reversed",
        "mended",
        Message(
            "With reversed sequences this model would score {would}/5: it was trained on them "
            "back to front."
        ),
        Message("Keep the order of time in training: the oldest step or first word comes first."),
        "steps in reverse order",
    ),
    _row(
        "padding_on_other_side",
        "mended",
        Message(
            "With the padding on the other side this model would score {would}/5: it was trained "
            "on texts padded there."
        ),
        Message("Pad as the brief says: padding='post' or 'pre' in pad_sequences."),
        "padding moved from the end to the start, or back",
    ),
    _row(
        "ids_shifted",
        "mended",
        Message(
            "With word ids shifted by {by} this model would score {would}/5: it was trained on "
            "another numbering."
        ),
        Message("Number the words as the task's vocabulary does: the id is the line, from 0."),
        "all ids but padding plus or minus 1",
    ),
)

_OUTPUTS = (
    _row(
        "softmax_over_wrong_axis",
        "mended",
        Message(
            "Without its last softmax this model would score {would}/5: the softmax runs over "
            "another axis than the classes."
        ),
        Message("Let softmax run over the last axis (axis=-1), where the classes are."),
        "the last softmax left out",
    ),
    _row(
        "active_noise",
        "mended",
        Message(
            "With dropout and noise switched off this model would score {would}/5: they are "
            "active while it predicts."
        ),
        Message("Call Dropout and noise layers without training=True, and save again."),
        "rate and deviation of dropout and noise set to 0",
    ),
    _row(
        "batch_statistics",
        "mended",
        Message(
            "With fresh batch statistics this model would score {would}/5: the averages in "
            "BatchNormalization are not those of its data."
        ),
        Message(
            "Train for more steps, or lower BatchNormalization's momentum (0.9): with few steps "
            "its averages stay near their start."
        ),
        "moving averages of BatchNormalization computed anew from the inputs",
    ),
    _row(
        "labels_shifted",
        "mended",
        Message(
            "With classes shifted by {by} this model would score {would}/5: its labels are off "
            "by one."
        ),
        Message("Number the classes as the brief does, from 0."),
        "classes moved by one place",
    ),
    _row(
        "classes_alphabetical",
        "mended",
        Message(
            "With the classes in the task's order this model would score {would}/5: it has them "
            "in alphabetical order."
        ),
        Message(
            "Pass class_names in the task's order to image_dataset_from_directory, or map the "
            "labels yourself."
        ),
        "classes renumbered from the alphabetical order of data/classes.txt",
    ),
    _row(
        "classes_in_other_order",
        "mended",
        Message(
            "With its classes renumbered ({order}) this model would score {would}/5: it has them "
            "in another order than the task."
        ),
        Message("Number the classes as the brief does when you make the labels."),
        "each class read as the one that it most often stands for",
    ),
    _row(
        "other_class",
        "mended",
        Message(
            "With 1 − p instead of p this model would score {would}/5: its output is the "
            "probability of the other class."
        ),
        Message("Let class 1 of the brief be 1 in your labels."),
        "1 − outputs",
    ),
    _row(
        "logits",
        "mended",
        Message(
            "With the cut at 0 instead of 0.5 this model would score {would}/5: it answers "
            "logits, and the task asks for probabilities."
        ),
        Message("Give the last layer activation='sigmoid', and the loss from_logits=False."),
        "one output outside 0 to 1, cut at 0",
    ),
    _row(
        "probabilities",
        "mended",
        Message(
            "With the cut at 0.5 instead of 0 this model would score {would}/5: it answers "
            "probabilities, and the task asks for logits."
        ),
        Message("Leave the activation of the last layer out, and set from_logits=True."),
        "one output within 0 to 1 where the cut is at 0, cut at 0.5",
    ),
    _row(
        "outputs_logarithmic",
        "mended",
        Message(
            "With the exponential of its outputs this model would score {would}/5: it was "
            "trained on logarithms."
        ),
        Message("End the model with an exponential activation, or train on the values."),
        "exp, exp − 1 or a power of 10 of the outputs",
    ),
    _row(
        "outputs_as_differences",
        "mended",
        Message(
            "With the last value added this model would score {would}/5: it forecasts differences."
        ),
        Message("Add the window's last value inside the model, with an Add layer."),
        "the last value of the inputs added to the outputs, or to their running sum",
    ),
    _row(
        "outputs_scaled",
        "mended",
        Message(
            "With outputs times {factor} plus {offset} this model would score {would}/5: it "
            "answers in scaled units."
        ),
        Message("Undo the scaling of the targets inside the model: end it with a Rescaling layer."),
        "the straight line from outputs to targets explains most of the error",
    ),
    _row(
        "forecast_shifted",
        "mended",
        Message(
            "With its forecast moved by one step this model would score {would}/5: its windows "
            "and targets are one step apart."
        ),
        Message("Let the first target be the step after the window's last one."),
        "the steps of the forecast moved by one",
    ),
)

_SIGNS = (
    _row(
        "dead_units",
        "sign",
        Message(
            "The network has collapsed: {percent} % of a hidden layer's units are 0 for every "
            "example, so all outputs are equal."
        ),
        Message("Lower the learning rate, and scale the inputs to about −1 to 1; train anew."),
        "all outputs are equal and nearly all units of a ReLU layer are never above 0",
    ),
    _row(
        "constant_output",
        "sign",
        Message("The model answers the same for every example, whatever it is shown."),
        Message("Scale the inputs, lower the learning rate, and check that the loss falls."),
        "outputs do not differ between examples",
    ),
    _row(
        "copies_last_value",
        "sign",
        Message("The model repeats the window's last value as its forecast."),
        Message(
            "Let it see more than the last step, train longer, and compare it with that simple "
            "forecast."
        ),
        "outputs differ from the last value by less than a tenth of what targets do",
    ),
    _row(
        "one_class_only",
        "sign",
        Message("The model names class {label} for every example."),
        Message("Shuffle the training data, check the labels, and weigh rare classes more."),
        "all examples are given the same class, with differing outputs",
    ),
    _row(
        "class_never_named",
        "sign",
        Message(
            "The model never names class {label}, which {percent} % of the examples belong to."
        ),
        Message("Check that this class is in the training data with this number; weigh it more."),
        "a class of at least 3 % of the targets is never named",
    ),
    _row(
        "noise_at_prediction",
        "sign",
        Message("The model draws random numbers while it predicts."),
        Message("Call Dropout, noise and random picture layers without training=True."),
        "two predictions of the same examples differ",
    ),
)

_TRAINING = (
    _row(
        "learning_rate_too_high",
        "training",
        Message("The loss jumped to {to} in epoch {epoch}: the learning rate is too high."),
        Message("Divide the learning rate by 10 and train again; scale the inputs too."),
        "the loss is no number, or ends far above its lowest value",
    ),
    _row(
        "training_never_moved",
        "training",
        Message("The loss did not move in {epochs} epochs: nothing was learned."),
        Message("Raise the learning rate, scale the inputs, and check the loss and the labels."),
        "the loss of the last epoch is within 1 % of that of the first",
    ),
    _row(
        "overfitting",
        "training",
        Message(
            "The validation loss rose from epoch {epoch} on while the training loss fell: the "
            "model overfits."
        ),
        Message(
            "Stop at the best epoch (EarlyStopping with restore_best_weights=True), and add "
            "dropout or augmentation."
        ),
        "the validation loss ends 15 % above its lowest, reached long before",
    ),
    _row(
        "stopped_early",
        "training",
        Message("Training stopped after {epochs} epochs while the loss was still falling."),
        Message("Train for more epochs: with EarlyStopping it ends when nothing improves."),
        "the loss fell by 4 % an epoch or more to the end, validation too",
    ),
    _row(
        "validation_too_good",
        "training",
        Message(
            "Validation said {validation}, the hidden data say {hidden}: the validation set is "
            "too small, or overlaps the training data."
        ),
        Message("Split before augmenting or windowing, and hold out at least a tenth."),
        "the validation accuracy is far above the hidden one",
    ),
)

TABLE = {each.id: each for each in (*_CONCLUSIVE, *_INPUTS, *_OUTPUTS, *_SIGNS, *_TRAINING)}


def sentence(diagnosis: Diagnosis) -> Message | None:
    """What a diagnosis says; None if this tfexam does not know it."""
    if (row := TABLE.get(diagnosis.id)) is None:
        return None
    would = {} if diagnosis.would_score is None else {"would": diagnosis.would_score}
    return Message(row.says.template, {**diagnosis.facts, **would})


def fix(diagnosis: Diagnosis) -> Message | None:
    """How to mend it; None if this tfexam does not know it."""
    row = TABLE.get(diagnosis.id)
    return None if row is None else Message(row.fix.template, diagnosis.facts)
