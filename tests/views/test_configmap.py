"""Credentials in configmaps: the keys are told, never the values."""

from typing import Any

import pytest

from kwho.views import configmap


def keys(look_at: Any, resource: str = "configmaps", **data: Any) -> tuple[str, ...]:
    body = {"kind": "ConfigMap", "data": data}
    return configmap.credentials(look_at(verb="create", objectRef={"resource": resource}, requestObject=body))


@pytest.mark.parametrize(
    "value",
    [
        "-----BEGIN RSA PRIVATE KEY-----\nMII",
        "-----BEGIN PRIVATE KEY-----",
        "key_id: AKIAIOSFODNN7EXAMPLE",
        "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "spring.datasource.password=correct-horse",
        '{"password": "correct-horse"}',
        "db:\n  passphrase: correct-horse\n",
    ],
)
def test_a_credential_in_a_file_is_told_by_its_key(look_at: Any, value: str) -> None:
    assert keys(look_at, **{"app.conf": value, "other": "x"}) == ("app.conf",)


def test_a_key_that_is_named_for_it_needs_a_literal(look_at: Any) -> None:
    assert keys(look_at, DB_PASSWORD="correct-horse", API_KEY="0123456789") == ("DB_PASSWORD", "API_KEY")
    assert keys(look_at, DB_PASSWORD="${DB_PASSWORD}", API_KEY="***", CLIENT_SECRET="see the vault of shop") == ()


@pytest.mark.parametrize("value", ["password: {{ .Values.password }}", "password:", "passwordFile: /x", "AKIA", ""])
def test_words_and_placeholders_are_no_credential(look_at: Any, value: str) -> None:
    assert keys(look_at, **{"app.conf": value}) == ()


def test_other_objects_and_odd_shapes_tell_nothing(look_at: Any) -> None:
    assert keys(look_at, resource="secrets", password="correct-horse") == ()
    assert keys(look_at, password=["correct-horse"], other={"password": "correct-horse"}) == ()
    assert configmap.credentials(look_at(verb="create", objectRef={"resource": "configmaps"})) == ()


def test_what_is_told_is_bounded(look_at: Any) -> None:
    assert len(keys(look_at, **{f"password{n}": "password=correct-horse" for n in range(500)})) == configmap.MOST
