"""A foreign project's conftest: options, fixtures and folders that look like ours, and are not."""

import pytest


def pytest_addoption(parser):
    parser.addoption("--target", default="x86")
    parser.addoption("--build", default="debug")
    parser.addoption("--record", action="store_true")


def pytest_collect_file(file_path, parent):
    if file_path.suffix == ".yaml":
        return YamlFile.from_parent(parent, path=file_path)
    return None


class YamlFile(pytest.File):
    def collect(self):
        for number, line in enumerate(self.path.read_text(encoding="utf-8").splitlines()):
            yield YamlItem.from_parent(self, name=f"line{number}", line=line)


class YamlItem(pytest.Item):
    def __init__(self, *, line, **given):
        super().__init__(**given)
        self.line = line

    def runtest(self):
        assert self.line.startswith("- "), self.line


@pytest.fixture
def case(request):
    return request.node.name


@pytest.fixture(autouse=True)
def counted(request, record_property):
    record_property("counted", request.node.name)
    yield
    assert request.node
