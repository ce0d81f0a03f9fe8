"""The table of ATT&CK."""

from kwho.detect.attack import attack_names, attack_table


def test_names_of_attack_are_known() -> None:
    techniques, tactics = attack_table()
    assert techniques["T1611"] == "Escape to Host"
    assert tactics["lateral-movement"] == "Lateral Movement"
    assert attack_names(["attack.t1611", "attack.impact", "attack.nope", "cve.1"]) == {
        "attack.t1611": "Escape to Host",
        "attack.impact": "Impact",
    }


def test_every_id_has_the_form_that_attack_gives_it() -> None:
    techniques, tactics = attack_table()
    assert all(name[0] == "T" and name[1:5].isdigit() for name in techniques)
    assert all(slug == slug.lower() and " " not in slug for slug in tactics)
