"""Scripts that work on real stores: those of docker-compose.yml, or any that the environment names
as it does for the agent (DATABASE_URL, OBJECT_STORE or S3_BUCKET, AWS_*)."""
