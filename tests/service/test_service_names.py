"""Names and addresses are no paths (T10)."""

from __future__ import annotations

import pytest
from service_tools import tree

NAMES = [
    "../x.bvh", "..\\x.bvh", "/etc/passwd", "C:\\x.bvh", "%2e%2e%2fx.bvh/", "．．/x.bvh", "a\0b.bvh", "a" * 5000, "CON",
    "x.bvh.", " x.bvh", "x.bvh ", "", "x", ".bvh.exe", "a\nb.bvh", "C:x.bvh", "..", ".",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_names_are_no_paths(client, folder, name):
    before = tree(folder)
    response = client.post("/v1/uploads", params={"name": name}, content=b"HIERARCHY")
    assert response.status_code in (415, 422)
    assert response.json()["error"]["field"] == "name"
    assert tree(folder) == before
    form = client.post("/v1/uploads", files={"file": (name, b"HIERARCHY")})
    assert form.status_code in (400, 415, 422)
    assert tree(folder) == before


@pytest.mark.parametrize(
    "path",
    [
        "/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc/passwd", "/%252e%252e%252fetc/passwd",
        "/assets/../../settings.py", "/assets/%2e%2e/%2e%2e/service/settings.py", "/v1/jobs/../../x", "/v1/jobs/..",
        "/v1/jobs/%2e%2e%2fx", "/v1/uploads/../service.sqlite3", "/v1/uploads/..%2f..%2fservice.sqlite3/content",
        "/v1/jobs/" + "0" * 32 + "/motions/..%2f0.npz", "/v1/jobs/" + "0" * 32 + "/motions/0.sqlite3",
        "//etc/passwd", "/C:/x", "/\\x", "/%00", "/" + "a" * 5000, "/.index.html", "/service/settings.py",
    ],
)  # fmt: skip
def test_paths_lead_nowhere(client, path):
    response = client.get(path)
    assert response.status_code in (404, 422), path
    assert b"root:" not in response.content
    assert "class Settings" not in response.text


def test_links_out_of_the_store_are_not_followed_by_name(client, folder, tmp_path):
    (tmp_path / "secret.npz").write_text("secret")
    (folder / "jobs" / ("e" * 32)).symlink_to(tmp_path)
    assert client.get(f"/v1/jobs/{'e' * 32}/motions/0.npz").status_code == 404
    (folder / "jobs" / ("e" * 32)).unlink()
