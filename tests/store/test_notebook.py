"""The notebook runs from top to bottom, and tells what the store holds."""

from __future__ import annotations

import base64
import json
import re
import sys
from datetime import date
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

from core import analysis, fleet
from core.runtime import open_runtime
from core.settings import Settings
from tests.store.mailbox_made import fill

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
NOTEBOOK = ROOT / "notebooks/activity_volume.ipynb"
PLOTLY = "application/vnd.plotly.v1+json"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an installation with two mailboxes, one of them of a team."""
    folder = tmp_path_factory.mktemp("notebook") / "data"
    runtime = open_runtime(Settings(data=folder))
    fill(runtime, 2_000, name="Ana")
    fill(runtime, 500, name="Bea", seed=7)
    fleet.set_team_of(runtime, "Bea", "Vendas", "test")
    runtime.engine.dispose()
    return folder


@pytest.fixture
def kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: Path) -> str:
    """Give the name of a kernel of this very Python, known in a folder of its own."""
    spec = tmp_path / "kernels/malote/kernel.json"
    spec.parent.mkdir(parents=True)
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    told = {"argv": argv, "display_name": "Malote", "language": "python"}
    spec.write_text(json.dumps(told), "utf-8")
    for name in ("JUPYTER_PATH", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("MALOTE_DATA", str(data))
    monkeypatch.delenv("MALOTE_DATABASE_URL", raising=False)
    return "malote"


def test_it_is_kept_without_what_it_once_showed() -> None:
    cells = json.loads(NOTEBOOK.read_text("utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] for cell in code)
    assert all(cell["execution_count"] is None for cell in code)


def test_it_tells_what_is_held(kernel: str, data: Path) -> None:
    notebook = nbformat.read(NOTEBOOK, 4)
    NotebookClient(notebook, kernel_name=kernel, timeout=120).execute()
    outputs = [out for cell in notebook.cells for out in cell.get("outputs", [])]
    said = "".join(out["text"] for out in outputs if out["output_type"] == "stream")
    period = re.search(r"From (\S+) to (\S+), in the zone (\S+)\n", said)
    assert period, said
    first, last, zone = period.groups()
    days = date.fromisoformat(first), date.fromisoformat(last)
    with analysis.open(data) as malote:
        counted = malote.volume(*days, zone=zone)
        answers = malote.responses(*days, side="ours", zone=zone).frame()
        domains = malote.correspondents("domain", first=days[0], last=days[1]).frame()
    received, sent = counted["received"].sum(), counted["sent"].sum()
    assert received > sent > 100
    assert f"{received} received, {sent} sent\n" in said
    answered = answers["answer_id"].notna().sum()
    assert answered > 20
    assert f"{answered} answered, {len(answers) - answered} waiting\n" in said
    shown = [out["data"] for out in outputs if "data" in out]
    top = domains.groupby("name")["messages"].sum().nlargest(1)
    tables = "".join(one.get("text/plain", "") for one in shown)
    assert re.search(rf"0 +{re.escape(str(top.index[0]))} +{top.iloc[0]}\n", tables)
    assert "Vendas" in tables
    weeks, week, within = (one[PLOTLY]["data"] for one in shown if PLOTLY in one)
    assert [bar["name"] for bar in weeks] == ["received", "sent"]
    assert [sum(values(bar["y"])) for bar in weeks] == [received, sent]
    assert sum(values(week[0]["z"])) == received
    shares = values(within[0]["y"])
    assert shares == sorted(shares)
    assert answered / len(answers) <= shares[-1] <= 1


def values(held: Any) -> list[float]:
    """Read the values of a chart of Plotly, which packs arrays."""
    raw = base64.b64decode(held["bdata"])
    return [float(one) for one in np.frombuffer(raw, np.dtype(held["dtype"]))]
