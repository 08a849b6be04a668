from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockmkto.model import Behaviour, Limits
from mockmkto.settings import (
    DEFAULT_ENCRYPTION_KEY,
    DEFAULT_PORT,
    DEFAULT_USER_ID,
    SETTINGS,
    SWITCHES,
    SettingError,
    Settings,
    behaviour_from,
    behaviour_texts,
    format_duration,
    parse_duration,
    read_settings,
)

SETTING = {setting.name: setting for setting in SETTINGS}
SWITCH = {switch.name: switch for switch in SWITCHES}

# Name, flag, variable, default, a text, what it is read as.
READ = [
    ("host", "--host", "MOCKMKTO_HOST", "127.0.0.1", "0.0.0.0", "0.0.0.0"),
    ("port", "--port", "MOCKMKTO_PORT", 6586, "8080", 8080),
    ("port", "--port", "MOCKMKTO_PORT", 6586, "0", 0),
    ("port", "--port", "MOCKMKTO_PORT", 6586, "65535", 65535),
    ("fixture", "--fixture", "MOCKMKTO_FIXTURE", (), "demo", ("demo",)),
    ("fixtures_dir", "--fixtures-dir", "MOCKMKTO_FIXTURES_DIR", None, "/fixtures", Path("/fixtures")),
    ("credential", "--credential", "MOCKMKTO_CREDENTIAL", (), "acme:key", (("acme", "key"),)),
    ("credential", "--credential", "MOCKMKTO_CREDENTIAL", (), "acme:a:b=", (("acme", "a:b="),)),
    ("client", "--client", "MOCKMKTO_CLIENT", (), "acme:secret", (("acme", "secret"),)),
    (
        *("database_url", "--database-url", "MOCKMKTO_DATABASE_URL", None),
        *("postgresql+psycopg://it:secret@db/it", "postgresql+psycopg://it:secret@db/it"),
    ),
    ("data_dir", "--data-dir", "MOCKMKTO_DATA_DIR", None, "/var/lib/it", Path("/var/lib/it")),
    ("public_url", "--public-url", "MOCKMKTO_PUBLIC_URL", None, "https://h.example:1/x/", "https://h.example:1/x"),
    ("log_format", "--log-format", "MOCKMKTO_LOG_FORMAT", "text", "json", "json"),
    ("max_body", "--max-body", "MOCKMKTO_MAX_BODY", 10 * 1024**2, "500kB", 500_000),
    ("max_body", "--max-body", "MOCKMKTO_MAX_BODY", 10 * 1024**2, "2 MiB", 2 * 1024**2),
    ("max_body", "--max-body", "MOCKMKTO_MAX_BODY", 10 * 1024**2, "77", 77),
    ("max_elements", "--max-elements", "MOCKMKTO_MAX_ELEMENTS", 100_000, "500000", 500_000),
    ("journal_size", "--journal-size", "MOCKMKTO_JOURNAL_SIZE", 1000, "50", 50),
    ("journal_bytes", "--journal-bytes", "MOCKMKTO_JOURNAL_BYTES", 64 * 1024**2, "1MiB", 1024**2),
    ("max_connections", "--max-connections", "MOCKMKTO_MAX_CONNECTIONS", 1000, "20", 20),
    ("request_timeout", "--request-timeout", "MOCKMKTO_REQUEST_TIMEOUT", 10.0, "1m30s", 90.0),
    ("admin_token", "--admin-token", "MOCKMKTO_ADMIN_TOKEN", None, "s3cret-._~+/=", "s3cret-._~+/="),
    ("admin_port", "--admin-port", "MOCKMKTO_ADMIN_PORT", None, "6588", 6588),
    ("https_port", "--https-port", "MOCKMKTO_HTTPS_PORT", 6587, "443", 443),
    *(
        (name, flag, variable, False, text, value)
        for name, flag, variable in (
            ("read_only_admin", "--read-only-admin", "MOCKMKTO_READ_ONLY_ADMIN"),
            ("tls", "--tls", "MOCKMKTO_TLS"),
        )
        for text, value in (("on", True), ("True", True), ("1", True), ("off", False), ("false", False), ("0", False))
    ),
    ("tls_name", "--tls-name", "MOCKMKTO_TLS_NAME", (), "Mkto.Example.com.", ("mkto.example.com",)),
    ("tls_name", "--tls-name", "MOCKMKTO_TLS_NAME", (), "fe80::1", ("fe80::1",)),
    ("allowed_host", "--allowed-host", "MOCKMKTO_ALLOWED_HOST", (), "*.Example.com", ("*.example.com",)),
    ("trusted_proxy", "--trusted-proxy", "MOCKMKTO_TRUSTED_PROXY", (), "10.1.2.3/8", (ip_network("10.0.0.0/8"),)),
    ("trusted_proxy", "--trusted-proxy", "MOCKMKTO_TRUSTED_PROXY", (), "[::1]", (ip_network("::1"),)),
]

# Name, a text that it does not take, what the error says was expected.
REFUSED = [
    *(
        ("port", text, "a port number, 0 to 65535 (0: any free one)")
        for text in ("http", "-1", "65536", "80.0", "", "٣")
    ),
    *(
        ("public_url", text, "an address such as https://mockmkto.example.com")
        for text in ("h.example", "ftp://h", "https://", "https://h/?q")
    ),
    *(("log_format", text, "text or json") for text in ("JSON", "xml")),
    *(("journal_size", text, "a number from 1 to 1000000") for text in ("0", "-1", "1000001", "all")),
    *(("max_connections", text, "a number from 1 to 1000000") for text in ("0", "many")),
    *(("request_timeout", text, "a duration from 10ms to 1h") for text in ("1ms", "2h")),
    ("request_timeout", "10", "a duration such as 90s, 15m, 1h30m or 2d"),
    *(("admin_port", text, "a port number, 0 to 65535 (0: any free one)") for text in ("off", "70000")),
    *((name, text, "on or off") for name in ("tls", "read_only_admin") for text in ("maybe", "2")),
    *(("tls_name", text, "a host's name, or its address") for text in ("a/host", "http://h", "h:80", "")),
    ("allowed_host", "http://h", "a host's name, or its address"),
    *(
        ("trusted_proxy", text, "an address such as 10.1.2.3, or a network such as 10.0.0.0/8")
        for text in ("proxy", "10.0.0.0/33", "")
    ),
    *(("journal_bytes", text, "a size such as 10MiB or 500kB") for text in ("all", "-1")),
    *(("max_body", text, "a size from 1 byte on: nothing could be sent") for text in ("0", "0MiB")),
    *(("max_body", text, "a size such as 10MiB or 500kB") for text in ("much", "-1", "1.5MB", "10 T")),
]

# Name, flag, variable, a text, what it is read as; and a text that it does not take, what was expected.
SWITCHED = [
    ("element_names", "--element-names", "MOCKMKTO_ELEMENT_NAMES", "any_case", "any_case", "any", "exact or any_case"),
    *(
        (
            "signature_window",
            "--signature-window",
            "MOCKMKTO_SIGNATURE_WINDOW",
            text,
            value,
            "15",
            "a duration such as 90s, 15m, 1h30m or 2d, or off",
        )
        for text, value in [("1h30m", timedelta(hours=1.5)), ("off", None), ("OFF", None), ("0s", timedelta())]
    ),
    (
        "anonymous_cookie",
        "--anonymous-cookie",
        "MOCKMKTO_ANONYMOUS_COOKIE",
        "merges",
        "merges",
        "merge",
        "decides or merges",
    ),
    (
        "duplicate_email",
        "--duplicate-email",
        "MOCKMKTO_DUPLICATE_EMAIL",
        "most_recently_created",
        "most_recently_created",
        "newest",
        "most_recently_updated or most_recently_created",
    ),
    ("keyless_leads", "--keyless-leads", "MOCKMKTO_KEYLESS_LEADS", "create", "create", "yes", "reject or create"),
    (
        "overlong_values",
        "--overlong-values",
        "MOCKMKTO_OVERLONG_VALUES",
        "truncate",
        "truncate",
        "cut",
        "reject or truncate",
    ),
    *(
        (
            name,
            f"--{name.replace('_', '-')}",
            f"MOCKMKTO_{name.upper()}",
            text,
            value,
            "500",
            "off, on, or three numbers such as 500/20/2 (a day, in 20 seconds, at once; - is no limit)",
        )
        for name, documented in (("limits", Limits(10_000, 100, 10)), ("rest_limits", Limits(50_000, 100, 10)))
        for text, value in [("on", documented), ("off", None), ("500/-/2", Limits(500, None, 2))]
    ),
    *(
        ("derive_website", "--derive-website", "MOCKMKTO_DERIVE_WEBSITE", text, value, "maybe", "on or off")
        for text, value in [("off", False), ("False", False), ("on", True), ("true", True)]
    ),
    *(
        (name, "--" + name.replace("_", "-"), f"MOCKMKTO_{name.upper()}", other, other, "maybe", f"{first} or {other}")
        for name, first, other in [
            ("empty_lists", "nil", "empty"),
            ("known_lead_activity", "new_lead", "none"),
            ("change_reason", "soap_api", "web_service_api"),
            ("limit_counters", "separate", "shared"),
            ("score_activity", "change_score", "change_data_value"),
            ("multi_sync_errors", "per_record", "fault"),
            ("duplicate_email_many", "as_single", "failed"),
            ("batch_default", "100", "1000"),
            ("untyped_selector", "guess", "fault"),
            ("position_conflict", "position", "fault"),
            ("stream_end", "empty", "fault"),
            ("remaining_count", "exact", "flag"),
            ("created_filter", "activity_time", "lead_created"),
            ("bad_combination", "20114", "20110"),
            ("merge_missing", "fault", "failed"),
            ("list_status", "failed_only", "all"),
            ("strict_failure", "fault", "statuses"),
            ("program_lists", "allow", "refuse"),
            ("missing_list", "fault", "create"),
            ("import_unknown_column", "ignore", "fault"),
            ("import_empty", "keep", "clear"),
            ("inactive_campaign", "fault", "record"),
            ("campaign_missing_lead", "fault", "skip"),
            ("run_delay", "0m", "5m"),
        ]
    ),
    ("activity_log", "--activity-log", "MOCKMKTO_ACTIVITY_LOG", "off", False, "no", "on or off"),
    ("dedup_default", "--dedup-default", "MOCKMKTO_DEDUP_DEFAULT", "false", False, "no", "true or false"),
    (
        "unchanged_status",
        "--unchanged-status",
        "MOCKMKTO_UNCHANGED_STATUS",
        "updated",
        "updated",
        "same",
        "unchanged or updated",
    ),
    ("mobject_errors", "--mobject-errors", "MOCKMKTO_MOBJECT_ERRORS", "fault", "fault", "raise", "per_object or fault"),
    (
        "opportunity_activities",
        "--opportunity-activities",
        "MOCKMKTO_OPPORTUNITY_ACTIVITIES",
        "off",
        False,
        "no",
        "on or off",
    ),
    (
        "custom_link_missing",
        "--custom-link-missing",
        "MOCKMKTO_CUSTOM_LINK_MISSING",
        "failed",
        "failed",
        "no",
        "store or failed",
    ),
    ("custom_skipped", "--custom-skipped", "MOCKMKTO_CUSTOM_SKIPPED", "skipped", "skipped", "no", "failed or skipped"),
    (
        "custom_unchanged",
        "--custom-unchanged",
        "MOCKMKTO_CUSTOM_UNCHANGED",
        "unchanged",
        "unchanged",
        "no",
        "updated or unchanged",
    ),
    ("custom_activities", "--custom-activities", "MOCKMKTO_CUSTOM_ACTIVITIES", "on", True, "yes", "on or off"),
    ("tag_filter", "--tag-filter", "MOCKMKTO_TAG_FILTER", "values", "values", "none", "type_only or values"),
    ("merge_changes", "--merge-changes", "MOCKMKTO_MERGE_CHANGES", "on", True, "yes", "on or off"),
    (
        "date_range",
        "--date-range",
        "MOCKMKTO_DATE_RANGE",
        "off",
        None,
        "long",
        "a duration such as 90s, 15m, 1h30m or 2d, or off",
    ),
    (
        "import_duration",
        "--import-duration",
        "MOCKMKTO_IMPORT_DURATION",
        "1m",
        timedelta(minutes=1),
        "long",
        "a duration such as 90s, 15m, 1h30m or 2d",
    ),
    (
        "export_duration",
        "--export-duration",
        "MOCKMKTO_EXPORT_DURATION",
        "1m",
        timedelta(minutes=1),
        "long",
        "a duration such as 90s, 15m, 1h30m or 2d",
    ),
    (
        *("rest_query_token", "--rest-query-token", "MOCKMKTO_REST_QUERY_TOKEN"),
        *("reject", "reject", "refuse", "accept or reject"),
    ),
    ("clone_limit", "--clone-limit", "MOCKMKTO_CLONE_LIMIT", "off", "off", "5", "10 or 20 or off"),
]


def test_the_tables_of_this_test_know_every_setting_and_switch():
    assert {row[0] for row in READ} | {"tls_cert", "tls_key"} == set(SETTING)
    assert {row[0] for row in SWITCHED} == set(SWITCH)


@pytest.mark.parametrize(("name", "flag", "variable", "default", "text", "value"), READ)
def test_a_setting_is_a_flag_and_a_variable(name, flag, variable, default, text, value):
    setting = SETTING[name]
    assert (setting.flag, setting.variable, setting.default) == (flag, variable, default)
    assert getattr(Settings(), name) == default
    assert getattr(read_settings({}, {}), name) == default
    assert getattr(read_settings({name: text}, {}), name) == value
    if " " not in text:
        assert getattr(read_settings({}, {variable: text}), name) == value


@pytest.mark.parametrize(("name", "text", "expected"), REFUSED)
def test_a_setting_says_what_it_expects(name, text, expected):
    setting = SETTING[name]
    with pytest.raises(SettingError) as by_flag:
        read_settings({name: text}, {})
    assert str(by_flag.value) == f"{setting.flag}: expected {expected}, got {text!r}"
    if text:
        with pytest.raises(SettingError) as by_variable:
            read_settings({}, {setting.variable: text})
        assert str(by_variable.value) == f"{setting.variable}: expected {expected}, got {text!r}"


@pytest.mark.parametrize(("name", "flag", "variable", "text", "value", "bad", "expected"), SWITCHED)
def test_a_switch_is_a_flag_and_a_variable(name, flag, variable, text, value, bad, expected):
    switch = SWITCH[name]
    assert (switch.flag, switch.variable) == (flag, variable)
    for settings in (read_settings({name: text}, {}), read_settings({}, {variable: text})):
        assert settings.switches == {name: text}
        assert getattr(behaviour_from(settings.switches), name) == value
    for where, flags, environ in ((flag, {name: bad}, {}), (variable, {}, {variable: bad})):
        with pytest.raises(SettingError) as caught:
            read_settings(flags, environ)
        assert str(caught.value) == f"{where}: expected {expected}, got {bad!r}"


@pytest.mark.parametrize("name", SWITCH)
def test_the_default_of_a_switch_is_its_first_choice_and_the_one_of_the_model(name):
    switch = SWITCH[name]
    assert switch.default == switch.choices[0]
    assert switch.parse(switch.default) == getattr(Behaviour(), name)
    assert read_settings({}, {}).switches == {}  # what nobody gave does not win over a fixture


def test_every_member_of_the_models_has_its_row():
    assert {setting.name for setting in SETTINGS} | {"switches"} == set(Settings.__slots__)
    assert set(SWITCH) == set(Behaviour.__struct_fields__)


def test_a_flag_wins_over_a_variable():
    environ = {"MOCKMKTO_PORT": "1", "MOCKMKTO_FIXTURE": "demo workspaces", "MOCKMKTO_KEYLESS_LEADS": "create"}
    settings = read_settings({"port": "2", "fixture": ["empty"], "keyless_leads": "reject"}, environ)
    assert (settings.port, settings.fixture, settings.switches) == (2, ("empty",), {"keyless_leads": "reject"})


def test_a_variable_that_a_flag_overrides_is_not_even_read():
    assert read_settings({"port": "2"}, {"MOCKMKTO_PORT": "no port"}).port == 2


@pytest.mark.parametrize("item", [*SETTINGS, *SWITCHES], ids=lambda item: item.name)
def test_an_empty_variable_is_as_if_not_set(item):
    assert read_settings({}, {item.variable: ""}) == Settings()


def test_a_repeatable_setting_is_several_flags_or_one_variable_with_spaces():
    expected = (("a", "x"), ("a", "y"), ("b", "z"))
    assert read_settings({"credential": ["a:x", "a:y", "b:z"]}, {}).credential == expected
    assert read_settings({}, {"MOCKMKTO_CREDENTIAL": " a:x  a:y\nb:z "}).credential == expected
    assert read_settings({}, {"MOCKMKTO_CLIENT": " a:x  a:y\nb:z "}).client == expected
    assert read_settings({}, {"MOCKMKTO_FIXTURE": "demo ./own.yaml"}).fixture == ("demo", "./own.yaml")


@pytest.mark.parametrize("text", ["a-secret-key", ":a-secret-key", "user:"])
@pytest.mark.parametrize(("name", "expected"), [("credential", "USER:KEY"), ("client", "ID:SECRET")])
def test_a_credential_or_a_client_that_cannot_be_read_is_not_repeated(name, expected, text):
    with pytest.raises(SettingError) as caught:
        read_settings({name: ["a:b", text]}, {})
    assert str(caught.value) == f"--{name}: expected {expected}, got '...'"
    assert "a-secret-key" not in repr(read_settings({name: ["a:a-secret-key"]}, {}))


def test_an_admin_token_is_not_repeated():
    with pytest.raises(SettingError) as caught:
        read_settings({}, {"MOCKMKTO_ADMIN_TOKEN": "a secret"})
    assert str(caught.value) == "MOCKMKTO_ADMIN_TOKEN: expected letters, digits and . _ ~ + / - alone, got '...'"
    assert "s3cret" not in repr(read_settings({"admin_token": "s3cret"}, {}))


def test_a_certificate_is_made_here_or_given():
    assert read_settings({"tls": "on"}, {}).speaks_https
    assert read_settings({"tls_cert": "c", "tls_key": "k"}, {}).speaks_https
    assert not read_settings({}, {}).speaks_https
    with pytest.raises(SettingError, match="--tls, --tls-cert: expected a certificate that is made here, or one of"):
        read_settings({"tls": "on", "tls_cert": "c", "tls_key": "k"}, {})


@pytest.mark.parametrize("variable", ["MOCKMKTO_PORT", "MOCKMKTO_ADMIN_PORT", "MOCKMKTO_HTTPS_PORT"])
def test_what_kubernetes_sets_for_services_of_our_name_is_not_taken_for_a_setting(variable):
    assert read_settings({}, {variable: "tcp://10.0.0.1:6586"}) == Settings()


def test_certificate_and_key_come_together():
    both = {"tls_cert": "cert.pem", "tls_key": "key.pem"}
    settings = read_settings(both, {})
    assert (settings.tls_cert, settings.tls_key) == (Path("cert.pem"), Path("key.pem"))
    assert read_settings({}, {SETTING[name].variable: text for name, text in both.items()}) == settings
    assert read_settings({"tls_cert": "cert.pem"}, {"MOCKMKTO_TLS_KEY": "key.pem"}) == settings
    for name, text in both.items():
        with pytest.raises(SettingError, match="--tls-cert, --tls-key: expected both"):
            read_settings({name: text}, {})


def test_the_defaults_of_the_face():
    assert (DEFAULT_PORT, DEFAULT_USER_ID, DEFAULT_ENCRYPTION_KEY) == (6586, "mockmkto", "mockmkto-encryption-key")
    assert SETTING["credential"].shown_default == "mockmkto:mockmkto-encryption-key"
    assert SETTING["client"].shown_default == "mockmkto-client:mockmkto-client-secret"


# ---------------------------------------------------------------------------------------------------------------------
# Behaviours as texts


def test_a_switch_that_is_none_is_named():
    with pytest.raises(SettingError, match=r"behaviour: expected one of element_names, .*, got 'keyless'"):
        behaviour_from({"keyless": "create"})


def test_what_is_not_given_stays_as_it_was():
    base = Behaviour(keyless_leads="create", derive_website=False)
    changed = behaviour_from({"derive_website": "on"}, base)
    assert (changed.keyless_leads, changed.derive_website) == ("create", True)


@pytest.mark.parametrize(
    "behaviour",
    [
        Behaviour(),
        Behaviour(signature_window=None, derive_website=False, element_names="any_case", limits=Limits(1, None, 3)),
        Behaviour(signature_window=timedelta(0), limits=Limits()),
    ],
)
def test_a_behaviour_as_texts_is_read_as_the_same(behaviour):
    texts = behaviour_texts(behaviour)
    assert list(texts) == list(SWITCH)
    assert behaviour_from(texts) == behaviour


# ---------------------------------------------------------------------------------------------------------------------
# Durations


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("250ms", 0.25), ("90s", 90), ("15m", 900), ("1h30m", 5400), ("2d", 172_800), (" 1.5 h ", 5400), ("1h 30m", 5400)],
)
def test_durations_are_read(text, seconds):
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text", ["", "15", "m", "-5m", "15 minutes", "1h,30m", "off", "1e3s", "9" * 20 + "d", "9" * 400 + "s"]
)
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(ValueError, match="a duration"):
        parse_duration(text)


@given(st.integers(0, 10**12).map(lambda milliseconds: timedelta(milliseconds=milliseconds)))
def test_a_duration_as_text_is_read_as_the_same(duration):
    assert parse_duration(format_duration(duration)) == duration


@pytest.mark.parametrize(("seconds", "text"), [(0, "0s"), (0.25, "250ms"), (90, "90s"), (900, "15m"), (172_800, "2d")])
def test_a_duration_is_written_in_its_largest_unit(seconds, text):
    assert format_duration(timedelta(seconds=seconds)) == text
