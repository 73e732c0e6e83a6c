"""Train an adapter on an export with TRL: DPO, IPO, KTO, ORPO or SFT with LoRA, on any causal model.

::

    losses      which data, trainer and measure belong to a loss
    data        the rows of an export's folder, and their hashes
    machine     what this machine can: the device, its memory, its numbers
    settings    TRL's names from a file, and the defaults by model and machine
    model       the base model, its tokenizer and its chat template
    plan        what a run will do
    run         one trainer after another, checkpoints, and how a run carries on
    finish      what a run keeps: held-out pairs, adapter, model card, merged model
    accuracy    held-out pairs that the trained model orders rightly
    trained     what a run leaves: training.json and the model card

The trainers are TRL's, unchanged.
"""
