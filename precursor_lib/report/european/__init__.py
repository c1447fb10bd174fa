"""The case of the three European observatories: inputs, counts, trials, figures and claims."""
