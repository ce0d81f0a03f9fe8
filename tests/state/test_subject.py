from kwho.state.subject import implied_groups, names_of, subject_group, subject_user, user_of

WEB = "system:serviceaccount:shop:web"


def test_a_service_account_has_a_user_name_and_groups() -> None:
    assert user_of("shop", "web") == WEB
    assert implied_groups(WEB) == ("system:serviceaccounts", "system:serviceaccounts:shop", "system:authenticated")
    assert implied_groups("eve") == ()


def test_a_subject_means_a_user_or_a_group() -> None:
    assert subject_user("ServiceAccount:shop/web") == WEB
    assert (subject_user("User:eve"), subject_user("Group:ops")) == ("eve", "")
    assert (subject_group("User:eve"), subject_group("Group:ops:night")) == ("", "ops:night")


def test_a_service_account_is_meant_by_both_of_its_names() -> None:
    assert names_of(WEB) == (f"User:{WEB}", "ServiceAccount:shop/web")
    assert names_of("system:serviceaccount:broken") == ("User:system:serviceaccount:broken",)
    assert names_of("eve") == ("User:eve",)
