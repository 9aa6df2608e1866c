"""One file per family of trainings, found because it is there. A training writes its log with a real writer."""
