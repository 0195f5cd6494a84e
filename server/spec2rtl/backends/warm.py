"""Models that take long to load, kept from one run to the next."""

from collections.abc import Mapping

from spec2rtl.backends.name import Peft
from spec2rtl.backends.peft import PeftModel
from spec2rtl.backends.peft_wire import Options


class Warm:
    """The models that its owner's runs share: each is made once, and closed with their owner."""

    def __init__(self) -> None:
        self._models: dict[tuple[Peft, Options], PeftModel] = {}

    def model(self, found: Peft, options: Options, environ: Mapping[str, str]) -> PeftModel:
        """The model of a name, as it is."""
        key = found, options
        if key not in self._models:
            self._models[key] = PeftModel(
                found.base, found.adapter, options=options, environ=environ
            )
        return self._models[key]

    async def aclose(self) -> None:
        """Unload them all."""
        for model in self._models.values():
            await model.aclose()
