"""What runs inside a captured program, which finds it by PYTHONPATH; needs vcrpy and nothing of ours."""
