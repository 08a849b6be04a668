from marketo import attributes, soap

leads = [{"Email": f"guest{n}@example.com", "leadAttributeList": attributes(City="Bonn")} for n in range(301)]
soap("syncMultipleLeads", leadRecordList={"leadRecord": leads}, dedupEnabled="true")
