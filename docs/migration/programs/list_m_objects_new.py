# Nothing answers this: the types that there are, are known when the program is written.
print(["ActivityRecord", "LeadRecord", "Opportunity", "OpportunityPersonRole"])
