"""Decompositions and factorisations: detrending, MEMD, synchrosqueezing, VMD, NTF."""
