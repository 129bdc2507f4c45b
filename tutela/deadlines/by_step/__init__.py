"""What each step asks for beside the limits of the timeline: `tasks`, which have no date, and `wanted`, which have one.

A step's module has one or both:

    def tasks(file_id: UUID, day: date) -> Iterator[Task]
    def wanted(file_id: UUID, line: Timeline, pack: Pack, zone: ZoneInfo) -> Iterator[Wanted]

and stands in the lists of `deadlines.tasks` and `deadlines.actions`.
"""
