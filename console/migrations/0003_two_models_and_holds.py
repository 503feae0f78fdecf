from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("console", "0002_search")]
    operations = [
        migrations.AddField("replay", "baseline", models.CharField(blank=True, max_length=200)),
        migrations.AddField("replay", "summary", models.JSONField(default=dict)),
        migrations.CreateModel("LegalHold", [
            ("first_event", models.BigIntegerField(primary_key=True, serialize=False)),
            ("last_event", models.BigIntegerField()),
            ("sender_id", models.CharField(max_length=255)),
        ], options={"db_table": "holds", "managed": False}),
    ]
