"""The register of a made case is one that a count can take."""

from pathlib import Path

from piiscan.case.register import read_register
from piiscan.case.register.made_corpus import make_with_register


def test_the_register_says_of_each_file_what_the_recipe_says(tmp_path: Path) -> None:
    made = make_with_register("three-party", rows=60, seed=1, out=tmp_path)
    assert made.register is not None
    register = read_register(made.register.read_bytes(), made.register.name)
    paths = [f"three-party/{path.relative_to(made.folder).as_posix()}" for path in made.files]
    sources = list(enumerate(paths))
    assert register.problems(sources) == []
    places = {paths[row["source"]]: row for row in register.provenance(sources).to_pylist()}
    sold = places["three-party/甲/电脑/已售/给乙.csv"]
    assert (sold["suspect"], sold["device"], sold["item"]) == ("甲某", "台式电脑", "JC-001")
    assert (sold["role"], sold["party_to"], str(sold["price"])) == ("sold", "乙某", "12000.00")
    assert places["three-party/甲/硬盘/碎片.csv"]["layer"] == "carved"
    assert places["three-party/丙/硬盘/名单.zip"]["party_from"] == "甲某"
