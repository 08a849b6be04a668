"""Fields as version 2 of the tables had them, and what an upgrade makes of them."""

OLD_FIELDS = (
    "CREATE TABLE field (name TEXT PRIMARY KEY, folded_name TEXT NOT NULL UNIQUE, type TEXT NOT NULL, length BIGINT, "
    "read_only BOOLEAN NOT NULL, update_blocked BOOLEAN NOT NULL, display_name TEXT, rest_name TEXT, "
    "rest_read_only BOOLEAN NOT NULL, soap BOOLEAN NOT NULL, rest BOOLEAN NOT NULL)",
    *(
        f"INSERT INTO field VALUES ('{name}', '{name.casefold()}', '{type_}', NULL, false, false, NULL, NULL, false, "
        "true, true)"
        for name, type_ in (
            ("FirstName", "text"),
            ("CreatedAt", "datetime"),
            ("B__c", "date"),
            ("A__c", "date"),
            ("gender", "string"),
        )
    ),
)
UPGRADED_FIELDS = {
    "FirstName": (53, "text", "firstName", 0, 1, 1),
    "CreatedAt": (130, "datetime", "createdAt", 1, 1, 1),
    "A__c": (1001, "date", None, 0, 1, 1),
    "B__c": (1002, "date", None, 0, 1, 1),
    "gender": (1003, "string", None, 0, 1, 1),
    "Lead Person": (142, "reference", "leadPerson", 1, 1, 1),
    "emailSuspendedAt": (124, "datetime", "emailSuspendedAt", 0, 0, 1),
}
