from marketo import soap

for tag in soap("getTags").iter("tag"):
    if tag.findtext("type") != "Channel":  # which the REST API answers by itself
        print(tag.findtext("type"), [value.text for value in tag.iter("stringItem")])
