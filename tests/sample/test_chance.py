"""Chance follows from names."""

from kwho.sample.chance import seeded


def test_the_same_parts_give_the_same_numbers_on_every_machine() -> None:
    assert seeded(7, "life").getrandbits(32) == 3_053_509_506
    assert seeded(7, "life").random() == seeded(7, "life").random()


def test_other_parts_give_other_numbers() -> None:
    assert len({seeded(seed, name).random() for seed in (1, 2) for name in ("life", "work")}) == 4
