"""What a waveform viewer opens beside a recording: the signals that matter and the moment."""

from pathlib import Path

from spec2rtl.errors import InputError
from spec2rtl.evidence.explain import Explanation
from spec2rtl.evidence.picture import gtkw, svg, wavejson


def write_views(explanation: Explanation, recording: Path) -> None:
    """Write a picture and GTKWave's save file beside a recording; raises `InputError`."""
    try:
        recording.with_suffix(".svg").write_text(svg(wavejson(explanation)), encoding="utf-8")
        recording.with_suffix(".gtkw").write_text(
            gtkw(explanation, recording.name), encoding="utf-8"
        )
    except OSError as error:
        raise InputError(f"{recording}: can't be written: {error.strerror}") from None
