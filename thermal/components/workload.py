"""What the machines do: the measured energy per token of a model on an accelerator."""

from thermal.quantity import Part, choice, quantity

__all__ = ["Workload"]


class Workload(Part):
    """One measured configuration of a language model: energy, power and throughput of the accelerators alone.

    Examples
    --------
    >>> chat = Workload(
    ...     name="chat", llm="a model", task="chat", token_type="output", accelerator="B200", accelerators=2, batch=128,
    ...     energy_per_token=0.5, throughput=4000, power=2000, compute_share=0.56)
    >>> chat.power / chat.throughput
    0.5
    """

    name: str = choice("what runs, on what, in one line")
    llm: str = choice("language model, as its publisher names it")
    task: str = choice("the requests it answers")
    token_type: str = choice("which tokens are counted: output, or output and context")
    accelerator: str = choice("accelerator model")
    accelerators: float = quantity("-", "accelerators that serve together", low=1)
    batch: float = quantity("-", "requests in flight, mean", above=0)
    energy_per_token: float = quantity("J", "energy of the accelerators per token", above=0)
    throughput: float = quantity("1/s", "tokens per second of these accelerators", above=0)
    power: float = quantity("W", "mean power of these accelerators together", above=0)
    compute_share: float = quantity("-", "share of IT energy that reaches the accelerators", above=0, high=1)
