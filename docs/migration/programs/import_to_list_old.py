from marketo import soap

soap(
    "importToList",
    programName="Launch",
    listName="Guests",
    importFileHeader="Email Address,First Name",
    importFileRows={"stringItem": ["gil@example.com,Gil", "ann@example.com,Anne"]},
    importListMode="UPSERTLEADS",
)
