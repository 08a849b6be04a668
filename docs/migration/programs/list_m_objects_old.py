from marketo import soap

print(sorted(item.text for item in soap("listMObjects").iter("objects")))
