import ArgumentParser
@main struct NP: ParsableCommand {}
