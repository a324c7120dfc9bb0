Feature: Theirs
  Scenario: A step of theirs
    Given a step
    Then it is theirs
