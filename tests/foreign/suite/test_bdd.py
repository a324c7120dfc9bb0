"""Their steps, which are not ours."""

from pytest_bdd import given, scenario, then


@scenario("theirs.feature", "A step of theirs")
def test_scenario():
    pass


@given("a step", target_fixture="step")
def step():
    return 1


@then("it is theirs")
def theirs(step):
    assert step == 1
