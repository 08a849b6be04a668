from marketo import soap

answer = soap("getChannels")
for channel in answer.iter("tagStatus"):
    attribs = [(item.findtext("name"), item.findtext("value")) for item in channel.iter("attrib")]
    print(channel.findtext("tagValue"), sorted(value for name, value in attribs if name == "Status"))
